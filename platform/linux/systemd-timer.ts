/**
 * Makes a schedule of a systemd timer and the service that it starts. Pure.
 *
 * `OnBootSec`, `OnStartupSec` and `OnActiveSec` alone foretell nothing that recurs. A timer with
 * `OnCalendar` is told by its calendar, also where it has intervals besides. `Persistent` adds a run at
 * boot for one that was missed.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html
 */
import type { EpochMs, Schedule, Timing, User } from '../event.ts'
import { parseCalendar } from './systemd-calendar.ts'
import { lastValue, parseTimeSpan, type Unit } from './systemd-unit.ts'

export interface TimerUnits {
  /** `backup.timer`, or `backup@home.timer`. */
  readonly name: string
  readonly timer: Unit
  /** `undefined` where its file is missing. */
  readonly service?: Unit
  readonly file: string
  readonly modifiedMs?: EpochMs
  /** Whose user manager runs it; `undefined` for the system's. */
  readonly owner?: User
}

const TRIGGERS = [
  'OnCalendar',
  'OnBootSec',
  'OnStartupSec',
  'OnActiveSec',
  'OnUnitActiveSec',
  'OnUnitInactiveSec',
] as const

/** What systemd takes where AccuracySec is not given, ms. It spreads timers over this span. */
const ACCURACY_MS = 60_000
/** Before the program: ignore failure, another argv[0], rights, no variables. */
const EXEC_PREFIX = /^[@:+!-]*\s*/

/** The unit that a timer starts. */
export const serviceOf = (name: string, timer: Unit): string =>
  withSpecifiers(lastValue(timer, 'Timer.Unit') ?? name.replace(/\.timer$/, '.service'), name)

export function timerSchedule(units: TimerUnits): Schedule {
  const { name, timer, service, file, modifiedMs, owner } = units
  const triggers = TRIGGERS.flatMap((key) =>
    (timer.get(`Timer.${key}`) ?? []).map((value) => `${key}=${value}`),
  )
  const commands = (service?.get('Service.ExecStart') ?? []).map((line) =>
    withSpecifiers(line.replace(EXEC_PREFIX, ''), name),
  )
  const timing = timingOf(timer)
  return {
    id: owner === undefined ? name : `${name}@${owner.name ?? owner.id}`,
    scheduler: 'systemd',
    trigger: triggers.join(' '),
    // A service without a command of its own is named, so that a person sees what would start.
    command: commands.length > 0 ? commands.join('; ') : serviceOf(name, timer),
    user: owner ?? { name: lastValue(service ?? new Map(), 'Service.User') ?? 'root' },
    file,
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
    ...(timing === undefined ? {} : { timing }),
  }
}

/** `%i` is what stands between `@` and the suffix; only the specifiers of names are known here. */
function withSpecifiers(text: string, name: string): string {
  const stem = name.slice(0, name.lastIndexOf('.'))
  const at = stem.indexOf('@')
  const prefix = at < 0 ? stem : stem.slice(0, at)
  const instance = at < 0 ? '' : stem.slice(at + 1)
  const values = new Map([
    ['%%', '%'],
    ['%i', instance],
    ['%I', instance.replaceAll('-', '/')],
    ['%p', prefix],
    ['%N', stem],
    ['%n', `${stem}.service`],
  ])
  return text.replace(/%[%iIpNn]/g, (specifier) => values.get(specifier) ?? specifier)
}

function timingOf(timer: Unit): Timing | undefined {
  const spread = (key: string) => parseTimeSpan(lastValue(timer, `Timer.${key}`) ?? '')
  const randomDelayMs = (spread('RandomizedDelaySec') ?? 0) + (spread('AccuracySec') ?? ACCURACY_MS)
  const delay = randomDelayMs > 0 ? { randomDelayMs } : {}
  const calendars = (timer.get('Timer.OnCalendar') ?? []).map(parseCalendar)
  const rules = calendars.flatMap((calendar) => (calendar.ok ? [calendar.value] : []))
  const first = rules[0]
  if (first?.kind === 'once') return first
  if (first?.kind === 'calendar') {
    // One zone is all that a timing can name: rules in another zone are left out.
    const patterns = rules.flatMap((rule) =>
      rule.kind === 'calendar' && rule.timeZone === first.timeZone ? rule.patterns : [],
    )
    return { ...first, patterns, ...delay }
  }
  const sinceStart = intervalMs(timer, 'OnUnitActiveSec')
  const sinceEnd = intervalMs(timer, 'OnUnitInactiveSec')
  if (sinceStart !== undefined) {
    return { kind: 'interval', everyMs: sinceStart, since: 'start', ...delay }
  }
  if (sinceEnd !== undefined) return { kind: 'interval', everyMs: sinceEnd, since: 'end', ...delay }
  return undefined
}

/** The shortest of those given: it elapses first. */
function intervalMs(timer: Unit, key: string): number | undefined {
  const spans = (timer.get(`Timer.${key}`) ?? []).map(parseTimeSpan)
  const known = spans.filter((ms) => ms !== undefined && ms > 0) as number[]
  return known.length === 0 ? undefined : Math.min(...known)
}

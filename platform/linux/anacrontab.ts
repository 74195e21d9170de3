/**
 * Parses /etc/anacrontab: "period delay job-id command". Pure.
 *
 * anacron counts days from the date of the last run, and starts at boot or from cron's hourly folder:
 * the hour of the day is not foretold, and a host that is off delays it further.
 * @see https://man7.org/linux/man-pages/man5/anacrontab.5.html
 */
import type { EpochMs, Schedule, Timing } from '../event.ts'
import type { ScheduleFile } from '../shared/crontab.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const VARIABLE = /^(\w+)[ \t]*=[ \t]*(.*?)[ \t]*$/
const JOB = /^(\d{1,5}|@\w+)[ \t]+(\d{1,6})[ \t]+(\S+)[ \t]+(.*?)[ \t\r]*$/
/** `@monthly` and `@yearly` mean once a calendar month or year, on no certain day. */
const NICKNAMES: ReadonlyMap<string, number | undefined> = new Map([
  ['@daily', 1],
  ['@weekly', 7],
  ['@monthly', undefined],
  ['@yearly', undefined],
  ['@annually', undefined],
])

export interface AnacrontabOptions {
  readonly file: string
  readonly modifiedMs?: EpochMs
}

/** Total: a line that can't be read is told and left out. */
export function parseAnacrontab(
  text: string,
  { file, modifiedMs }: AnacrontabOptions,
): ScheduleFile {
  const schedules: Schedule[] = []
  const bad: { line: number; reason: string }[] = []
  let randomDelayMs = 0
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const [, name, value] = VARIABLE.exec(line) ?? []
    if (name !== undefined) {
      if (name === 'RANDOM_DELAY') randomDelayMs = (Number(value) || 0) * MINUTE_MS
      continue
    }
    const [, period = '', delay = '', job = '', command = ''] = JOB.exec(line) ?? []
    if (command === '' || (period.startsWith('@') && !NICKNAMES.has(period))) {
      bad.push({ line: i + 1, reason: 'no period, delay, name and command' })
      continue
    }
    const timing = timingOf(period, randomDelayMs)
    schedules.push({
      id: `anacron:${job}`,
      scheduler: 'anacron',
      trigger: `${period} ${delay}`,
      command,
      user: { id: '0', name: 'root' },
      file,
      line: i + 1,
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
      ...(timing === undefined ? {} : { timing }),
    })
  }
  return { schedules, malformed: bad }
}

function timingOf(period: string, randomDelayMs: number): Timing | undefined {
  const days = period.startsWith('@') ? NICKNAMES.get(period) : Number(period)
  if (days === undefined || days === 0) return undefined
  return {
    kind: 'interval',
    everyMs: days * DAY_MS,
    since: 'start',
    ...(randomDelayMs > 0 ? { randomDelayMs } : {}),
  }
}

/**
 * When a job fires: the instants that a `Timing` stands for. Pure: the host's zone is handed in.
 *
 * Daylight saving follows Vixie cron. A rule without a wildcard or step in its hour and minute fires
 * once in a repeated hour, and right after a skipped one; any other keeps its beat: it fires in both
 * passes of the repeated hour, and not in the skipped one. systemd differs on these two nights of a
 * year: it fires no rule in the second pass, and none that falls into the skipped hour.
 */
import { Cron } from 'croner'
import type { EpochMs, Timing } from './event.ts'

/**
 * The instants in `[fromMs, toMs)`, ascending, at most `limit` of them. An interval has no clock of
 * its own: it is counted from a run at `fromMs`. Random delays are not in it: a run comes up to
 * `randomDelayMs` later than told here.
 *
 * @param hostTimeZone IANA name, for rules that name no zone
 */
export function fireTimes(
  timing: Timing,
  fromMs: EpochMs,
  toMs: EpochMs,
  hostTimeZone: string,
  limit: number,
): EpochMs[] {
  const times: EpochMs[] = []
  let next = nextFire(timing, timing.kind === 'interval' ? fromMs : fromMs - 1, hostTimeZone)
  while (next !== undefined && next < toMs && times.length < limit) {
    times.push(next)
    next = nextFire(timing, next, hostTimeZone)
  }
  return times
}

/** The first instant after `afterMs`, which is a run where the timing is an interval. */
export function nextFire(
  timing: Timing,
  afterMs: EpochMs,
  hostTimeZone: string,
): EpochMs | undefined {
  switch (timing.kind) {
    case 'once':
      return timing.atMs > afterMs ? timing.atMs : undefined
    case 'interval':
      return timing.everyMs > 0 ? afterMs + timing.everyMs : undefined
    case 'calendar': {
      const zone = timing.timeZone ?? hostTimeZone
      const next = timing.patterns.map((pattern) => nextMatch(pattern, afterMs, zone))
      return next.reduce(
        (a, b) => (a === undefined || (b !== undefined && b < a) ? b : a),
        undefined,
      )
    }
    default:
      return timing satisfies never
  }
}

/** Whether the library reads it; one that it does not read never fires. */
export const isPattern = (pattern: string): boolean => ruleOf(pattern, 'UTC') !== undefined

function nextMatch(pattern: string, afterMs: EpochMs, zone: string): EpochMs | undefined {
  try {
    return ruleOf(pattern, zone)?.nextRun(new Date(afterMs))?.getTime()
  } catch {
    // A zone that this host does not know, or an instant that no date can hold.
    return undefined
  }
}

/** Reading a pattern costs a hundred times as much as asking it. */
const MAX_REMEMBERED = 1024
const remembered = new Map<string, Cron | undefined>()

function ruleOf(pattern: string, zone: string): Cron | undefined {
  const key = `${zone} ${pattern}`
  if (remembered.has(key)) return remembered.get(key)
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const rule = readRule(pattern, zone)
  remembered.set(key, rule)
  return rule
}

function readRule(pattern: string, timezone: string): Cron | undefined {
  try {
    return new Cron(pattern, { timezone, mode: '6-or-7-parts', fixedTimeRule: 'no-wildcard' })
  } catch {
    return undefined
  }
}

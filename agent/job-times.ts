/**
 * When known jobs fire, for the detector to compare a series with. Remembers what it computed: the
 * times of a job of every minute cost milliseconds, and every series asks for nearly the same span.
 */
import type { EpochMs, Schedule } from '../platform/event.ts'
import { fireTimes } from '../platform/schedule-times.ts'
import type { JobTimes } from './detect/assess.ts'

/** Fire times kept of a job; a job of every minute has these in a week. */
const MAX_TIMES = 10_000
/** Jobs remembered. */
const MAX_JOBS = 256
/** Computed ahead, of the span asked for, so that the next few asks are answered from memory. */
const AHEAD_RATIO = 0.25

interface Known {
  readonly schedule: Schedule
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly times: readonly EpochMs[]
}

/**
 * @param timeZone IANA zone of the host
 * @returns for a schedule its fire times, or `undefined` where they can't be foretold: an interval is
 *   counted from a start that nobody wrote down, and a job that is not loaded does not fire
 */
export function jobTimes(timeZone: string): (schedule: Schedule) => JobTimes | undefined {
  const known = new Map<string, Known>()

  function timesOf(schedule: Schedule, fromMs: EpochMs, toMs: EpochMs): readonly EpochMs[] {
    const { id, timing } = schedule
    if (timing === undefined) return []
    const before = known.get(id)
    if (before?.schedule === schedule && before.fromMs <= fromMs && before.toMs >= toMs)
      return before.times
    const aheadMs = toMs + (toMs - fromMs) * AHEAD_RATIO
    const times = fireTimes(timing, fromMs, aheadMs, timeZone, MAX_TIMES)
    // A list that was cut short is true only up to its end.
    const reachMs = times.length < MAX_TIMES ? aheadMs : (times.at(-1) ?? fromMs) + 1
    known.delete(id)
    known.set(id, { schedule, fromMs, toMs: reachMs, times })
    if (known.size > MAX_JOBS) known.delete(known.keys().next().value as string)
    return times
  }

  return (schedule) =>
    schedule.timing?.kind !== 'calendar' || schedule.isLoaded === false
      ? undefined
      : {
          schedule,
          times: (fromMs, toMs) =>
            timesOf(schedule, fromMs, toMs).filter((atMs) => atMs >= fromMs && atMs < toMs),
        }
}

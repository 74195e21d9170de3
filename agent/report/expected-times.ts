/**
 * When the beats of a finding were due, as far as it can be told: at the fire times of its job, else on
 * the grid of a rhythm that keeps one. A beacon that sleeps counts from its last beat: it has none. Pure.
 */
import type { EpochMs } from '../../platform/event.ts'
import { fireTimes } from '../../platform/schedule-times.ts'
import type { ToldFinding } from './told-finding.ts'

const MAX_TIMES = 5_000

export function expectedTimes(
  { schedule, periods, observations, next, lastMs }: ToldFinding,
  timeZone: string,
): readonly EpochMs[] {
  const fromMs = observations[0]?.atMs
  if (fromMs === undefined) return []
  if (schedule?.timing?.kind === 'calendar') {
    return fireTimes(schedule.timing, fromMs, lastMs + 1, timeZone, MAX_TIMES)
  }
  const [period] = periods
  if (next === undefined || period?.model !== 'clock') return []
  const beats = Math.min(MAX_TIMES, Math.ceil((next.atMs - fromMs) / period.periodMs))
  return Array.from(
    { length: Math.max(0, beats) },
    (_, i) => next.atMs - (beats - i) * period.periodMs,
  )
}

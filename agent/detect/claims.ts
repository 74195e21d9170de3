/**
 * All claims about a series: each finder reads the runs, and where the series comes in bursts also the
 * single connections, since what looks like a burst may be a fast beacon with pauses.
 */
import type { Gap, Observation } from '../../storage/series.ts'
import type { JobTimes } from './assess.ts'
import { calendarRhythm } from './calendar-rhythm.ts'
import { clockRhythm } from './clock-rhythm.ts'
import { type Rhythm, type View, viewOf } from './rhythm.ts'
import { blindSpans, burstScaleMs, instants, joinRuns } from './runs.ts'
import { scheduleRhythm } from './schedule-match.ts'
import { sleepRhythm } from './sleep-rhythm.ts'
import { zoneOf } from './zone.ts'

export interface Claim {
  readonly rhythm: Rhythm
  /** The runs that it was read from. */
  readonly view: View
}

/** Bursts joined, blind spans merged, local time known. */
export function readSeries(
  observations: readonly Observation[],
  gaps: readonly Gap[],
  timeZone: string,
): { readonly single: View; readonly joined: View } {
  const times = instants(observations)
  const blind = blindSpans(gaps, times[0] ?? 0, times[times.length - 1] ?? 0)
  const single = viewOf(times, blind, zoneOf(timeZone), timeZone)
  const scaleMs = burstScaleMs(single.sortedSpacings)
  if (scaleMs <= 0) return { single, joined: single }
  const joined = viewOf(joinRuns(times, scaleMs), blind, single.zone, timeZone)
  return { single, joined }
}

export function claimsOf(view: View, jobs: readonly JobTimes[]): Claim[] {
  if (view.runs.length < 3) return []
  const found = [
    sleepRhythm(view),
    clockRhythm(view),
    calendarRhythm(view),
    scheduleRhythm(view, jobs),
  ]
  return found.filter((rhythm) => rhythm !== undefined).map((rhythm) => ({ rhythm, view }))
}

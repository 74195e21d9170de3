/** Series for the detector's tests: times by rule, with seeded chance. */
import { type View, viewOf } from '../../agent/detect/rhythm.ts'
import { blindSpans } from '../../agent/detect/runs.ts'
import { zoneOf } from '../../agent/detect/zone.ts'
import type { Gap, Observation } from '../../storage/series.ts'
import { random } from '../bench/families/random.ts'

/** A Monday, 2026-03-02 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 2, 2)

export const observed = (times: ArrayLike<number>): Observation[] =>
  Array.from(times, (atMs) => ({ atMs, connections: 1 }))

/** `count` beats, each sleep uniform within ± jitter of the period. */
export function sleeping(count: number, periodMs: number, jitter: number, seed = 1): number[] {
  const chance = random(seed)
  let at = MONDAY + 4321
  return Array.from({ length: count }, () => {
    const now = Math.round(at)
    at += periodMs * chance.between(1 - jitter, 1 + jitter)
    return now
  })
}

/** `count` beats on a grid, each up to `lateMs` late. */
export function ticking(count: number, periodMs: number, lateMs: number, seed = 1): number[] {
  const chance = random(seed)
  return Array.from({ length: count }, (_, i) =>
    Math.round(MONDAY + i * periodMs + chance.between(0, lateMs)),
  )
}

/** A Poisson process. */
export function scattered(count: number, meanMs: number, seed = 1): number[] {
  const chance = random(seed)
  let at = MONDAY
  return Array.from({ length: count }, () => {
    at += chance.exponential(meanMs)
    return Math.round(at)
  })
}

export function viewed(
  times: readonly number[],
  timeZone = 'UTC',
  gaps: readonly Gap[] = [],
): View {
  const runs = Float64Array.from(times)
  const blind = blindSpans(gaps, runs[0] ?? 0, runs[runs.length - 1] ?? 0)
  return viewOf(runs, blind, zoneOf(timeZone), timeZone)
}

/**
 * From observations to runs. One run of a job may open many connections, and a person's click opens
 * a dozen: what recurs is the run. Observations closer than the series' own burst scale are joined,
 * and the run stands at its first one.
 *
 * The burst scale is where the sorted spacings fall apart: the widest step between one spacing and
 * the next larger one. A series without such a step is not joined at all.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { Gap, Observation } from '../../storage/series.ts'

/** A burst's spacings are at least this much shorter than those between bursts. */
const MIN_STEP = 4
/** No burst scale above this: slower repetition is a rhythm of its own. */
const MAX_SCALE_MS = 600_000
/** Bursts hold at least this share of the spacings, and pauses this one: the rest are outliers. */
const MIN_SHARE = 0.1
const MIN_PAUSES = 0.03

/** Finite, ascending, each instant once. The input may come in any order. */
export function instants(observations: readonly Observation[]): Float64Array {
  const times = new Float64Array(observations.length)
  let n = 0
  let ascending = true
  for (const { atMs } of observations) {
    if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) continue
    if (n > 0 && atMs <= (times[n - 1] as number)) ascending = false
    times[n++] = atMs
  }
  const kept = times.subarray(0, n)
  if (ascending) return kept
  kept.sort()
  let unique = 0
  for (let i = 0; i < n; i++) {
    if (i === 0 || kept[i] !== kept[unique - 1]) kept[unique++] = kept[i] as number
  }
  return kept.subarray(0, unique)
}

/**
 * The longest spacing within a burst, ms; 0 where the series has no bursts.
 * @param spacings ms, ascending
 */
export function burstScaleMs(spacings: Float64Array): number {
  const m = spacings.length
  if (m < 5) return 0
  let best = MIN_STEP
  let scale = 0
  const edge = Math.max(1, Math.floor(m * MIN_SHARE))
  const pauses = Math.max(3, Math.ceil(m * MIN_PAUSES))
  for (let i = edge - 1; i < m - pauses; i++) {
    const low = spacings[i] as number
    if (low > MAX_SCALE_MS) break
    const step = (spacings[i + 1] as number) / Math.max(low, 1)
    if (step > best) {
      best = step
      scale = low
    }
  }
  return scale
}

/** Starts of runs: observations at most `scaleMs` after the one before join its run. */
export function joinRuns(times: Float64Array, scaleMs: number): Float64Array {
  if (scaleMs <= 0) return times
  const runs = new Float64Array(times.length)
  let n = 0
  for (let i = 0; i < times.length; i++) {
    const at = times[i] as number
    if (i === 0 || at - (times[i - 1] as number) > scaleMs) runs[n++] = at
  }
  return runs.subarray(0, n)
}

export function spacingsOf(times: Float64Array): Float64Array {
  const spacings = new Float64Array(Math.max(0, times.length - 1))
  for (let i = 0; i < spacings.length; i++) {
    spacings[i] = (times[i + 1] as number) - (times[i] as number)
  }
  return spacings
}

/** Blind spans within reach of the series, ascending and joined, as [from, to, from, to...]. */
export function blindSpans(gaps: readonly Gap[], firstMs: EpochMs, lastMs: EpochMs): Float64Array {
  const spans = gaps
    .filter(({ fromMs, toMs }) => toMs > fromMs && toMs > firstMs && fromMs < lastMs)
    .sort((a, b) => a.fromMs - b.fromMs)
  const flat: number[] = []
  for (const { fromMs, toMs } of spans) {
    const end = flat.at(-1)
    if (end !== undefined && fromMs <= end) flat[flat.length - 1] = Math.max(end, toMs)
    else flat.push(fromMs, toMs)
  }
  return Float64Array.from(flat)
}

/** The part of `[fromMs, toMs)` that is blind, ms. */
export function blindMs(spans: Float64Array, fromMs: EpochMs, toMs: EpochMs): number {
  let blind = 0
  for (let i = 0; i < spans.length; i += 2) {
    const from = Math.max(fromMs, spans[i] as number)
    const to = Math.min(toMs, spans[i + 1] as number)
    if (to > from) blind += to - from
    if ((spans[i] as number) >= toMs) break
  }
  return blind
}

/**
 * Sleep after each run: the next beat is counted from the last one, so what recurs is the spacing.
 *
 * The test scans the sorted spacings for the window `[low, low * ratio]` that holds more of them than
 * any irregular source would put there. The null is a log-normal whose spread is the narrowest that
 * people and retry loops were measured to have; it bounds the exponential of a Poisson process too.
 * Missed beats, pauses and strangers only take from the share, so none of them hides a beacon.
 *
 * The idea of robust dispersion of spacings is RITA's; the scan replaces its quartiles, which a third
 * of missed beats or strangers moves.
 */
import { quantile, surpriseNats } from './stats.ts'

/** Window widths tried: a jitter of 1 %, 5 %, 10 %, 20 %, 33 % and 50 % to each side. */
const RATIOS = [1.03, 1.1, 1.25, 1.5, 2, 3]
/** Standard deviation of the logarithm of spacings under the null: a factor of 2.2 to either side. */
const NULL_SPREAD = 0.8
/** Most of the log-normal that a window of each ratio can hold: centred on its median. */
const CHANCES = RATIOS.map((ratio) => normalWithin(Math.log(ratio) / 2 / NULL_SPREAD))

export interface SpacingRhythm {
  readonly periodMs: number
  /** Half the spread of the spacings in the window over the period, 0 to 1. */
  readonly jitter: number
  /** Spacings in the window, of `trials`. */
  readonly hits: number
  readonly trials: number
  /** Surprise under the null, windows tried taken off. */
  readonly nats: number
}

/** @param sorted spacings in ms, ascending, those across blind spans left out */
export function spacingRhythm(sorted: Float64Array): SpacingRhythm | undefined {
  const m = sorted.length
  if (m < 2) return undefined
  let best: SpacingRhythm | undefined
  for (let r = 0; r < RATIOS.length; r++) {
    const ratio = RATIOS[r] as number
    let from = 0
    let hits = 0
    for (let low = 0, high = 0; low < m && m - low > hits; low++) {
      const limit = (sorted[low] as number) * ratio
      while (high < m && (sorted[high] as number) <= limit) high++
      if (high - low > hits) {
        hits = high - low
        from = low
      }
    }
    const range = Math.log(Math.max(1, sorted[m - 1] as number) / Math.max(1, sorted[0] as number))
    const tries = RATIOS.length * Math.min(m, 1 + range / Math.log(ratio))
    // The first of a window is free: it placed the window.
    const nats = surpriseNats(hits - 1, m - 1, CHANCES[r] as number) - Math.log(tries)
    if (best !== undefined && nats <= best.nats) continue
    const within = sorted.subarray(from, from + hits)
    const periodMs = quantile(within, 0.5)
    if (periodMs <= 0) continue
    const spread = quantile(within, 0.975) - quantile(within, 0.025)
    best = { periodMs, jitter: Math.min(1, spread / 2 / periodMs), hits, trials: m, nats }
  }
  return best
}

/** The share of a normal distribution within `z` standard deviations (Abramowitz and Stegun 7.1.26). */
function normalWithin(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return 1 - poly * Math.exp(-x * x)
}

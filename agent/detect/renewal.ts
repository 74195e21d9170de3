/**
 * Strong jitter: the likelihood of the spacings as a renewal process. A beacon's spacings are one
 * sleep, or two and more where beats were missed: a mixture whose shape is known for each jitter and
 * share of missed beats. Against it stand the irregular sources: Poisson (exponential spacings), people
 * (log-normal, no narrower than they were measured) and heavy tails (Pareto), each at its best fit.
 *
 * It works on a histogram of the logarithms of spacings, where a change of period is a shift, so that
 * all periods and shapes are tried in some ten thousand additions.
 */

/** Width of a bin of ln(spacing). */
const STEP = 0.05
/** ln(spacing / period) covered by a shape: from a fifth of a period to twelve. */
const LOWEST = -1.6
const HIGHEST = 2.5
const BINS = Math.round((HIGHEST - LOWEST) / STEP)
/** Density of ln(spacing) granted to strangers, so that a few do not forbid a shape. */
const STRANGERS = 0.012
/** Narrowest log-normal of people. */
const MIN_SPREAD = 0.8
/** [shortest, longest] sleep over the period: symmetric jitter, and sleep less up to so much. */
const SLEEPS = [
  [0.93, 1.07],
  [0.85, 1.15],
  [0.78, 1.22],
  [0.68, 1.32],
  [0.5, 1.5],
  [0.78, 1],
  [0.5, 1],
] as const
const MISSED = [0.02, 0.15, 0.3]
/** A chain of more missed beats than this is a pause. */
const MAX_SLEEPS = 6

/** Periods tried, one a bin: the median spacing is 0.7 to 1.8 sleeps where up to a third is missed. */
const LOWEST_SHIFT = -7
const SHIFTS = 20

/** A shape so many nats behind the best adds nothing that a double could hold. */
const NOTHING = 40

let shapes: Float64Array[] | undefined

/**
 * @param sorted spacings, ms, ascending
 * @returns nats by which a beacon, averaged over periods and shapes, explains them better than the best
 *   irregular source
 */
export function renewalNats(sorted: Float64Array): number {
  const m = sorted.length
  if (m < 4) return 0
  const first = Math.log(Math.max(1, sorted[0] as number))
  let sum = 0
  let squares = 0
  let mean = 0
  const bins = new Map<number, number>()
  for (const spacing of sorted) {
    const u = Math.log(Math.max(1, spacing))
    sum += u
    squares += u * u
    mean += Math.max(1, spacing) / m
    const bin = Math.floor(u / STEP)
    bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  const center = sum / m
  const spread = Math.sqrt(Math.max(0, squares / m - center * center))
  const sigma = Math.max(MIN_SPREAD, spread)
  const people = -m * (Math.log(sigma * Math.sqrt(2 * Math.PI)) + (spread / sigma) ** 2 / 2)
  const poisson = sum - m * Math.log(mean) - m
  const alpha = 1 / Math.max(0.05, center - first)
  const heavy = m * Math.log(alpha) - alpha * (sum - m * first)
  const irregular = Math.max(people, poisson, heavy)

  shapes ??= MISSED.flatMap((missed) => SLEEPS.map((sleep) => shapeOf(sleep, missed)))
  const keys = Int32Array.from(bins.keys())
  const counts = Float64Array.from(bins.values())
  const median = Math.floor(Math.log(Math.max(1, sorted[m >> 1] as number)) / STEP)
  let best = Number.NEGATIVE_INFINITY
  let evidence = 0
  const outside = Math.log(STRANGERS)
  for (let shift = LOWEST_SHIFT; shift < LOWEST_SHIFT + SHIFTS; shift++) {
    const zero = median - shift + Math.round(LOWEST / STEP)
    for (const shape of shapes) {
      let logLikelihood = 0
      for (let i = 0; i < keys.length; i++) {
        const bin = (keys[i] as number) - zero
        const density = bin >= 0 && bin < BINS ? (shape[bin] as number) : outside
        logLikelihood += density * (counts[i] as number)
      }
      if (logLikelihood > best) {
        evidence *= Math.exp(best - logLikelihood)
        best = logLikelihood
      }
      if (logLikelihood > best - NOTHING) evidence += Math.exp(logLikelihood - best)
    }
  }
  return best + Math.log(evidence / SHIFTS / shapes.length) - irregular
}

/** ln of the density of ln(spacing / period), by convolving sleeps on a linear grid. */
function shapeOf([low, high]: readonly [number, number], missed: number): Float64Array {
  const grid = 0.01
  const size = Math.ceil(Math.exp(HIGHEST) / grid)
  const total = new Float64Array(size)
  let some = new Float64Array(size)
  const from = Math.round(low / grid)
  const to = Math.round(high / grid)
  for (let x = from; x < to; x++) some[x] = 1 / (to - from)
  for (let k = 1, weight = 1 - missed; k <= MAX_SLEEPS; k++, weight *= missed) {
    for (let x = 0; x < size; x++) total[x] = (total[x] as number) + weight * (some[x] as number)
    some = movedBy(some, from, to)
  }
  const shape = new Float64Array(BINS)
  for (let x = 1; x < size; x++) {
    const bin = Math.floor((Math.log(x * grid) - LOWEST) / STEP)
    if (bin >= 0 && bin < BINS) shape[bin] = (shape[bin] as number) + (total[x] as number) / STEP
  }
  return shape.map((density) => Math.log(density * 0.97 + STRANGERS))
}

/** The distribution of one more sleep, uniform on [from, to), by running sums. */
function movedBy(some: Float64Array, from: number, to: number): Float64Array<ArrayBuffer> {
  const more = new Float64Array(some.length)
  let sum = 0
  for (let x = from; x < some.length; x++) {
    sum += some[x - from] as number
    if (x - to >= 0) sum -= some[x - to] as number
    more[x] = sum / (to - from)
  }
  return more
}

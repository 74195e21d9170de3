/**
 * Fits the coefficients of `agent/detect/weigh.ts` by gradient ascent on the likelihood of the noisy-or,
 * with a small ridge. Prints the table to paste there. `node test/bench/detector-fit.ts`
 */
import { claimsOf, readSeries } from '../../agent/detect/claims.ts'
import { logistic } from '../../agent/detect/stats.ts'
import { type ClaimKind, FEATURES, featuresOf, kindOf, WEIGHTS } from '../../agent/detect/weigh.ts'
import { draw, FAMILIES } from './families/index.ts'

/** Never among those that the benchmark reports. */
const SEEDS = [11, 12]
const SERIES_EACH = 60
const STEPS = 4000
const RATE = 0.05
const RIDGE = 0.002

interface Row {
  readonly recurs: boolean
  readonly claims: readonly { readonly kind: ClaimKind; readonly x: readonly number[] }[]
}

const rows: Row[] = FAMILIES.flatMap((family) =>
  SEEDS.flatMap((seed) =>
    Array.from({ length: SERIES_EACH }, (_, i) => {
      const { observations, gaps, jobs, timeZone } = draw(family, seed, i)
      const { single, joined } = readSeries(observations, gaps, timeZone)
      const claims = [
        ...claimsOf(joined, jobs),
        ...(single === joined ? [] : claimsOf(single, jobs)),
      ]
      return {
        recurs: family.isRecurring,
        claims: claims.map(({ rhythm }) => ({ kind: kindOf(rhythm), x: featuresOf(rhythm) })),
      }
    }),
  ),
)

const kinds = Object.keys(WEIGHTS) as ClaimKind[]
const weights = new Map(kinds.map((kind) => [kind, Float64Array.from(WEIGHTS[kind])]))
const first = new Map(kinds.map((kind) => [kind, new Float64Array(FEATURES.length)]))
const second = new Map(kinds.map((kind) => [kind, new Float64Array(FEATURES.length)]))

for (let step = 1; step <= STEPS; step++) {
  const gradient = new Map(kinds.map((kind) => [kind, new Float64Array(FEATURES.length)]))
  for (const { recurs, claims } of rows) {
    const odds = claims.map(({ kind, x }) => {
      const w = weights.get(kind) as Float64Array
      return logistic(x.reduce((sum, value, i) => sum + value * (w[i] as number), 0))
    })
    const none = odds.reduce((product, p) => product * (1 - p), 1)
    for (const [c, { kind, x }] of claims.entries()) {
      const p = odds[c] as number
      // d ln L / d z: of 1 - prod(1 - p) for one that recurs, of prod(1 - p) for one that does not.
      const slope = recurs ? (none * p) / Math.max(1e-12, 1 - none) : -p
      const g = gradient.get(kind) as Float64Array
      for (let i = 0; i < x.length; i++)
        g[i] = (g[i] as number) + (slope * (x[i] as number)) / rows.length
    }
  }
  for (const kind of kinds) {
    const [w, g, m, v] = [weights, gradient, first, second].map(
      (map) => map.get(kind) as Float64Array,
    ) as [Float64Array, Float64Array, Float64Array, Float64Array]
    for (let i = 0; i < w.length; i++) {
      const slope = (g[i] as number) - (i === 0 ? 0 : (RIDGE * (w[i] as number)) / 100)
      m[i] = 0.9 * (m[i] as number) + 0.1 * slope
      v[i] = 0.999 * (v[i] as number) + 0.001 * slope * slope
      const pace =
        (m[i] as number) /
        (1 - 0.9 ** step) /
        (Math.sqrt((v[i] as number) / (1 - 0.999 ** step)) + 1e-8)
      w[i] = (w[i] as number) + RATE * pace
      // More surprise, share or coverage never speaks against recurrence.
      if (i > 0) w[i] = Math.max(0, w[i] as number)
    }
  }
}
for (const kind of kinds) {
  const row = [...(weights.get(kind) as Float64Array)].map((value) => value.toFixed(2)).join(', ')
  process.stdout.write(`  ${kind}: [${row}],\n`)
}

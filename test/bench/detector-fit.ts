/**
 * Fits the coefficients of `agent/detect/weigh.ts` by gradient ascent on the likelihood of the noisy-or,
 * with a small ridge. Prints the table to paste there. `node test/bench/detector-fit.ts`
 */
import { claimsOf, readSeries } from '../../agent/detect/claims.ts'
import { logistic } from '../../agent/detect/stats.ts'
import {
  type ClaimKind,
  capOf,
  FEATURES,
  featuresOf,
  kindOf,
  WEIGHTS,
} from '../../agent/detect/weigh.ts'
import type { Sample } from './families/family.ts'
import { draw, FAMILIES } from './families/index.ts'
import { random } from './families/random.ts'

/** Never among those that the benchmark reports. */
const SEEDS = [11, 12]
const SERIES_EACH = 40
const STEPS = 2500
const RATE = 0.05
const RIDGE = 0.002

/** Beginnings of each series, of 3 to 40 observations: a verdict is asked for from the start. */
const BEGINNINGS = 3
/** In the field most series are irregular, and each is judged many times: a false verdict weighs more. */
const IRREGULAR_WEIGHT = 3

/** Share of recurring series that show nothing yet: those must not pull the coefficients. */
const HIDDEN = 0.02

interface Row {
  readonly recurs: boolean
  readonly weight: number
  readonly claims: readonly {
    readonly kind: ClaimKind
    readonly cap: number
    readonly x: readonly number[]
  }[]
}

function rowOf(recurs: boolean, { observations, gaps, jobs, timeZone }: Sample): Row {
  const { single, joined } = readSeries(observations, gaps, timeZone)
  const claims = [...claimsOf(joined, jobs), ...(single === joined ? [] : claimsOf(single, jobs))]
  return {
    recurs,
    weight: recurs ? 1 : IRREGULAR_WEIGHT,
    claims: claims.map(({ rhythm }) => ({
      kind: kindOf(rhythm),
      cap: capOf(rhythm),
      x: featuresOf(rhythm),
    })),
  }
}

const rows: Row[] = []
for (const family of FAMILIES) {
  for (const seed of SEEDS) {
    for (let i = 0; i < SERIES_EACH; i++) {
      const sample = draw(family, seed, i)
      const chance = random(seed * 7919 + i)
      rows.push(rowOf(family.isRecurring, sample))
      for (let b = 0; b < BEGINNINGS; b++) {
        const most = Math.floor(chance.logBetween(3, 40))
        const observations = sample.observations.slice(0, most)
        if (observations.length >= 3)
          rows.push(rowOf(family.isRecurring, { ...sample, observations }))
      }
    }
  }
}
const START = [-8, 1, 1, 0.5, 1, 1, 1, 1]
const kinds = Object.keys(WEIGHTS) as ClaimKind[]
const weights = new Map(kinds.map((kind) => [kind, Float64Array.from(START)]))
const first = new Map(kinds.map((kind) => [kind, new Float64Array(FEATURES.length)]))
const second = new Map(kinds.map((kind) => [kind, new Float64Array(FEATURES.length)]))

for (let step = 1; step <= STEPS; step++) {
  const gradient = new Map(kinds.map((kind) => [kind, new Float64Array(FEATURES.length)]))
  for (const { recurs, weight, claims } of rows) {
    const odds = claims.map(({ kind, cap, x }) => {
      const w = weights.get(kind) as Float64Array
      return logistic(
        Math.min(
          cap,
          x.reduce((sum, value, i) => sum + value * (w[i] as number), 0),
        ),
      )
    })
    const none = odds.reduce((product, p) => product * (1 - p), 1)
    for (const [c, { kind, cap, x }] of claims.entries()) {
      const p = odds[c] as number
      if (p >= logistic(cap)) continue
      // d ln L / d z: of 1 - prod(1 - p) for one that recurs, of prod(1 - p) for one that does not.
      const slope = weight * (recurs ? (none * p) / (1 - none + HIDDEN) : -p)
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

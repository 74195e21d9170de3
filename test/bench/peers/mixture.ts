/**
 * A mixture of up to three normal distributions on a line, fitted by expectation and maximization; how
 * many is chosen by the Bayesian information criterion. It starts from quantiles, not at random, so the
 * same values give the same fit.
 */

export interface Component {
  readonly mean: number
  /** The values that belong to it more than to any other. */
  readonly values: readonly number[]
}

interface Normal {
  mean: number
  variance: number
  weight: number
}

const MOST_COMPONENTS = 3
const ROUNDS = 30
/** Keeps a component of equal values from shrinking to a point. */
const LEAST_VARIANCE = 1e-6

export function fitMixture(values: readonly number[]): Component[] {
  let best: Normal[] = []
  let lowest = Number.POSITIVE_INFINITY
  for (let count = 1; count <= Math.min(MOST_COMPONENTS, values.length - 1); count++) {
    const normals = start(values, count)
    let likelihood = 0
    for (let round = 0; round < ROUNDS; round++) likelihood = improve(values, normals)
    const criterion = (3 * count - 1) * Math.log(values.length) - 2 * likelihood
    if (criterion >= lowest) continue
    lowest = criterion
    best = normals
  }
  const members = best.map((): number[] => [])
  for (const value of values) {
    const densities = best.map((normal) => density(normal, value))
    members[densities.indexOf(Math.max(...densities))]?.push(value)
  }
  return best.map(({ mean }, i) => ({ mean, values: members[i] ?? [] }))
}

function start(values: readonly number[], count: number): Normal[] {
  const sorted = [...values].sort((a, b) => a - b)
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  const square = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length
  return Array.from({ length: count }, (_, i) => ({
    mean: sorted[Math.floor(((i + 0.5) / count) * sorted.length)] as number,
    variance: square / count + LEAST_VARIANCE,
    weight: 1 / count,
  }))
}

/** One round, in place. @returns the log-likelihood before it */
function improve(values: readonly number[], normals: Normal[]): number {
  const sums = normals.map(() => ({ weight: 0, value: 0, square: 0 }))
  let likelihood = 0
  for (const value of values) {
    const densities = normals.map((normal) => density(normal, value))
    const total = densities.reduce((sum, part) => sum + part, Number.MIN_VALUE)
    likelihood += Math.log(total)
    for (const [i, sum] of sums.entries()) {
      const share = (densities[i] as number) / total
      sum.weight += share
      sum.value += share * value
      sum.square += share * value * value
    }
  }
  for (const [i, normal] of normals.entries()) {
    const { weight, value, square } = sums[i] as (typeof sums)[number]
    normal.weight = weight / values.length
    if (weight < Number.EPSILON) continue
    normal.mean = value / weight
    normal.variance = Math.max(0, square / weight - normal.mean ** 2) + LEAST_VARIANCE
  }
  return likelihood
}

function density({ mean, variance, weight }: Normal, value: number): number {
  const exponent = -((value - mean) ** 2) / (2 * variance)
  return (weight * Math.exp(exponent)) / Math.sqrt(2 * Math.PI * variance)
}

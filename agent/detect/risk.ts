/**
 * How much a recurring transfer matters, 0 to 100, and what becomes of it. Pure.
 *
 * Risk is apart from recurrence: that a series recurs is the gate, what it is makes the risk. The
 * points of the factors (`risk-factors.ts`) are added up; up to 50 each counts in full, above that
 * they count less and less, so that every further factor raises the score and none passes 100.
 */
import type { Evidence } from './assessment.ts'
import { baselineMatch } from './baseline.ts'
import { riskFactors } from './risk-factors.ts'
import type { RiskOptions } from './risk-options.ts'
import type { Analytic, Disposition, Risk, RiskInput, RiskPlatform } from './risk-types.ts'

export type { RawRiskOptions, RiskOptions } from './risk-options.ts'
export { compileRiskOptions } from './risk-options.ts'
export type { Risk, RiskInput, RiskPlatform } from './risk-types.ts'

/**
 * Which analytic of DET0399 speaks. A recording of a network has no host; what it can judge are
 * times and destinations, which are the elements of AN1118.
 */
const ANALYTICS: Record<RiskPlatform, Analytic> = {
  windows: 'AN1118',
  linux: 'AN1119',
  macos: 'AN1120',
  network: 'AN1118',
}

/** Points that count in full; also where half of the scale is. */
const LINEAR_POINTS = 50
/** Most that known and allowed traffic scores: it ranks below all that nobody explained. */
const EXPLAINED_SCORE = 10

/** Beats within `timeWindow` that make a recurrence there: two are a pair, three a pattern. */
const MIN_WINDOW_BEATS = 3

/** What is judged of one series. The same input gives the same risk. */
export function assessRisk(input: RiskInput, options: RiskOptions): Risk {
  const factors = riskFactors(input, options)
  const scored = saturated(factors.reduce((sum, { weight }) => sum + weight, 0))
  const explained = explain(input, options)
  const score = explained === undefined ? scored : Math.min(scored, EXPLAINED_SCORE)
  const bounds = outOfBounds(input, options)
  const told: readonly Evidence[] = [
    ...(explained === undefined ? [] : [{ ...explained.factor, weight: score - scored }]),
    ...bounds,
    ...factors,
  ]
  return {
    score,
    disposition: dispositionOf(),
    factors: told.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)),
    analytic: ANALYTICS[input.platform],
  }

  function dispositionOf(): Disposition {
    if (input.assessment.verdict !== 'recurring' || bounds.length > 0) return 'quiet'
    if (explained !== undefined) return explained.disposition
    return score >= options.minRisk ? 'alert' : 'quiet'
  }
}

/** @param points any sum; below 0 counts as 0 */
function saturated(points: number): number {
  if (points <= LINEAR_POINTS) return Math.max(0, points)
  const rest = 100 - LINEAR_POINTS
  return Math.round(100 - rest * Math.exp(-(points - LINEAR_POINTS) / rest))
}

interface Explained {
  readonly disposition: 'known' | 'allowed'
  readonly factor: Omit<Evidence, 'weight'>
}

/** Who says that it is benign: the owner's allowlist, the owner's baseline, or the table. */
function explain(input: RiskInput, options: RiskOptions): Explained | undefined {
  const { identity, transfer } = input
  const allowed = options.allowed({
    ip: transfer?.destination.ip ?? identity.destinationIp,
    domain: transfer?.domain ?? identity.destinationDomain,
  })
  if (allowed !== undefined) {
    const meaning = 'The destination is on destIpAllowlist'
    return {
      disposition: 'allowed',
      factor: { name: 'allowed_destination', value: allowed, meaning },
    }
  }
  const baseline = baselineMatch(options.baseline, transfer, identity.actor)
  if (baseline !== undefined) {
    const meaning = `${baseline.program} is on parentProcessBaseline`
    return {
      disposition: 'known',
      factor: { name: 'baseline_program', value: baseline.pattern, meaning },
    }
  }
  const known = options.known(input)
  if (known === undefined) return undefined
  return {
    disposition: 'known',
    factor: { name: 'known_traffic', value: known.name, meaning: known.reason },
  }
}

/** The owner's bounds on what counts as repetition, where this series is outside. */
function outOfBounds(input: RiskInput, options: RiskOptions): readonly Evidence[] {
  const { assessment, timeZone, timesMs = [assessment.lastMs] } = input
  const found: Evidence[] = []
  const tell = (name: string, value: number | string, meaning: string) =>
    found.push({ name, value, meaning, weight: 0 })
  const { min, max } = options.periodMs
  const periods = assessment.periods
  const [first] = periods
  if (first !== undefined) {
    if (!periods.some(({ periodMs }) => periodMs >= min && periodMs <= max)) {
      tell('period_out_of_bounds', first.periodMs, 'Outside cronIntervalThreshold')
    }
    if (!periods.some(({ jitter }) => jitter <= options.maxJitter)) {
      tell('jitter_out_of_bounds', first.jitter, 'More jitter than repeatIntervalDelta')
    }
  }
  if (options.timeWindow !== undefined) {
    const { timeWindow } = options
    const inside = timesMs.filter((atMs) => timeWindow(atMs, timeZone)).length
    if (inside < Math.min(MIN_WINDOW_BEATS, timesMs.length)) {
      tell('outside_time_window', inside, 'Too few transfers begin within timeWindow')
    }
  }
  return found
}

/**
 * From claims to a probability. Each kind of claim has a logistic regression of its own on what makes
 * it credible: how surprising it is, how many of the runs it explains and how many of the beats it
 * foretells came. A series recurs if any of its claims holds (noisy-or).
 *
 * The coefficients were fitted by `test/bench/detector-fit.ts` on seeds that no reported figure uses.
 */
import type { Rhythm } from './rhythm.ts'
import { STEADY } from './sleep-rhythm.ts'
import { logistic } from './stats.ts'

/** Claims of one kind are weighed alike. */
export type ClaimKind = 'steady' | 'jittered' | 'clock' | 'calendar' | 'schedule'

export const kindOf = (rhythm: Rhythm): ClaimKind => {
  if (rhythm.schedule !== undefined) return 'schedule'
  if (rhythm.model !== 'sleep') return rhythm.model
  return rhythm.jitter < STEADY ? 'steady' : 'jittered'
}

/** What the coefficients multiply, in this order. */
export const FEATURES = [
  'constant',
  'surprise',
  'significance',
  'shape',
  'likelihood',
  'share',
  'coverage',
  'share_times_coverage',
] as const

export function featuresOf(rhythm: Rhythm): readonly number[] {
  const { nats, renewalNats, share, coverage } = rhythm
  return [
    1,
    squeezed(nats),
    limited(nats),
    squeezed(renewalNats),
    limited(renewalNats),
    share,
    coverage,
    share * coverage,
  ]
}

/** Ten nats are decisive, a thousand hardly more so. */
const squeezed = (nats: number): number => Math.sign(nats) * Math.log1p(Math.abs(nats))

/** The first twenty nats are what takes chance away. */
const limited = (nats: number): number => Math.min(Math.max(nats, -10), 20) / 10

export const WEIGHTS: Readonly<Record<ClaimKind, readonly number[]>> = {
  steady: [-7.72, 0.28, 0.87, 0.0, 0.0, 6.81, 3.86, 3.84],
  jittered: [-8.86, 2.11, 0.0, 1.8, 0.35, 0.0, 7.98, 4.65],
  clock: [-7.91, 0.11, 2.71, 0.0, 0.0, 6.01, 2.31, 2.56],
  calendar: [-14.19, 3.0, 2.93, 0.0, 0.0, 3.46, 1.57, 5.03],
  schedule: [-8.1, 2.9, 1.54, 0.0, 0.0, 1.22, 1.1, 1.48],
}

/**
 * Fixed, not fitted: no claim is believed beyond its own p-value, however many runs it explains. At
 * 5.5 nats chance makes one in 245 series; series are judged again and again as they grow.
 */
const ENOUGH_NATS = 5.5
/** The likelihood ratio of a renewal process is against the best irregular source, and needs less. */
const ENOUGH_RENEWAL_NATS = 2.5
export const capOf = ({ nats, renewalNats }: Rhythm): number =>
  1.5 * Math.max(nats - ENOUGH_NATS, renewalNats - ENOUGH_RENEWAL_NATS)

/** Log-odds that the claim holds. */
export function weightOf(rhythm: Rhythm): number {
  const weights = WEIGHTS[kindOf(rhythm)]
  const fitted = featuresOf(rhythm).reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0)
  return Math.min(fitted, capOf(rhythm))
}

/** Chance that at least one claim holds, from their log-odds. */
export function scoreOf(logOdds: readonly number[]): number {
  let none = 1
  for (const one of logOdds) none *= 1 - logistic(one)
  return 1 - none
}

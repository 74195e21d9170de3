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
  'shape',
  'share',
  'coverage',
  'share_times_coverage',
] as const

export function featuresOf(rhythm: Rhythm): readonly number[] {
  const { nats, renewalNats, share, coverage } = rhythm
  return [1, squeezed(nats), squeezed(renewalNats), share, coverage, share * coverage]
}

/** Ten nats are decisive, a thousand hardly more so. */
const squeezed = (nats: number): number => Math.sign(nats) * Math.log1p(Math.abs(nats))

// prettier-ignore
export const WEIGHTS: Readonly<Record<ClaimKind, readonly number[]>> = {
  steady: [-9.31, 1.29, 0.0, 5.45, 3.67, 1.18],
  jittered: [-8.35, 1.53, 1.04, 0.0, 7.99, 3.06],
  clock: [-10.8, 2.39, 0.0, 0.49, 0.69, 0.58],
  calendar: [-19.05, 6.39, 0.0, 3.57, 1.46, 3.67],
  schedule: [-7.21, 2.34, 0.0, 1.44, 0.75, 1.58],
}

/** Log-odds that the claim holds. */
export function weightOf(rhythm: Rhythm): number {
  const weights = WEIGHTS[kindOf(rhythm)]
  return featuresOf(rhythm).reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0)
}

/** Chance that at least one claim holds, from their log-odds. */
export function scoreOf(logOdds: readonly number[]): number {
  let none = 1
  for (const one of logOdds) none *= 1 - logistic(one)
  return 1 - none
}

/**
 * The verdict on a series: every finder makes its claim, each claim is weighed in log-odds, and the
 * strongest decides. A pure function of the series: the same input gives the same answer on every
 * machine and at any time.
 */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import type { Gap, Observation } from '../../storage/series.ts'
import type { Assessment, Evidence, Verdict } from './assessment.ts'
import { type Claim, claimsOf, readSeries } from './claims.ts'
import { pValueOf } from './stats.ts'
import { restOf, rhythmsOf } from './tell.ts'
import { scoreOf, weightOf } from './weigh.ts'

/** A known job and when it fires, handed in as a function: its definition is not read here. */
export interface JobTimes {
  readonly schedule: Schedule
  /** Ascending instants at which it fires in `[fromMs, toMs)`. */
  times(fromMs: EpochMs, toMs: EpochMs): readonly EpochMs[]
}

export interface AssessInput {
  /** Ascending by `atMs`; any order is understood. */
  readonly observations: readonly Observation[]
  readonly gaps: readonly Gap[]
  readonly jobs: readonly JobTimes[]
  /** IANA zone of the host. */
  readonly timeZone: string
  /** Event time reached so far. */
  readonly nowMs?: EpochMs
}

/** What counts as repetitive. The three last are the mutable elements of DET0399. */
export interface DetectOptions {
  /** Runs; fewer are `undecided`. */
  readonly minObservations: number
  /** Score from which a series is `recurring`. */
  readonly threshold: number
  /** Observations older than this before the newest are left out, ms. */
  readonly timeWindowMs: number
  /** A longer period is not repetitive, ms. */
  readonly cronIntervalThresholdMs: number
  /** Jitter above this share of the period is not repetitive, 0 to 1. */
  readonly repeatIntervalDelta: number
}

export const DEFAULT_DETECT_OPTIONS: DetectOptions = {
  // Three fire times of a known job are evidence; without one the tests ask for more by themselves.
  minObservations: 3,
  threshold: 0.5,
  timeWindowMs: 400 * 86_400_000,
  cronIntervalThresholdMs: 32 * 86_400_000,
  repeatIntervalDelta: 1,
}

/** Fewer runs than this may yet show a rhythm: not enough was seen to call them irregular. */
const FEW_RUNS = 8
export function assess(input: AssessInput, options: Partial<DetectOptions> = {}): Assessment {
  const settings = { ...DEFAULT_DETECT_OPTIONS, ...options }
  const { single, joined } = readSeries(
    newest(input.observations, settings.timeWindowMs),
    input.gaps,
    input.timeZone,
  )
  const { runs } = joined
  const [firstMs = 0, lastMs = 0] = [single.runs[0], single.runs[single.runs.length - 1]]
  const seen = { observations: runs.length, firstMs, lastMs }
  if (single.runs.length < settings.minObservations) {
    return {
      verdict: 'undecided',
      score: 0,
      periods: [],
      ...seen,
      evidence: [countEvidence(runs.length)],
    }
  }
  const isCounted = ({ rhythm }: Claim): boolean =>
    rhythm.periodMs <= settings.cronIntervalThresholdMs &&
    rhythm.jitter <= settings.repeatIntervalDelta
  const claims = [
    ...claimsOf(joined, input.jobs),
    ...(single === joined ? [] : claimsOf(single, input.jobs)),
  ]
    .filter(isCounted)
    .map((claim) => ({ ...claim, weight: weightOf(claim.rhythm) }))
    .sort((a, b) => b.weight - a.weight)
  const score = scoreOf(claims.map(({ weight }) => weight))
  const evidence = [countEvidence(runs.length), ...claims.map(claimEvidence)]
  const best = strongest(claims)
  if (best === undefined || score < settings.threshold) {
    const verdict: Verdict = runs.length < FEW_RUNS ? 'undecided' : 'irregular'
    return { verdict, score, periods: [], ...seen, evidence }
  }
  const second = restOf(best, input.jobs)
  const told = rhythmsOf(best, second, lastMs)
  return { verdict: 'recurring', score, ...told, ...seen, evidence }
}

/** A sleeping beacon of little jitter keeps near a grid for a while: then its spacings surprise far more. */
const GRID_SHARE = 0.5
/** A claim is told in the place of a fuller one where it explains this part of its share. */
const AS_GOOD = 0.8

/** Log-odds from which a claim is beyond doubt: among those, the one that explains most is told. */
const BEYOND_DOUBT = 3

/** The claim to tell: a known job, then a grid, where they explain as much as the fullest does. */
function strongest<T extends Claim & { weight: number }>(claims: readonly T[]): T | undefined {
  const [weightiest] = claims
  if (weightiest === undefined) return undefined
  const least = Math.min(BEYOND_DOUBT, weightiest.weight)
  const first = claims.reduce(
    (best, claim) => (claim.weight >= least && fullness(claim) > fullness(best) ? claim : best),
    weightiest,
  )
  const held = claims.filter(
    ({ rhythm, weight }) => weight > 0 && rhythm.share >= AS_GOOD * first.rhythm.share,
  )
  const job = held.find(({ rhythm }) => rhythm.schedule !== undefined)
  if (job !== undefined) return job
  const clock = held.find(({ rhythm }) => rhythm.model === 'clock')
  const sleep = claims.find(({ rhythm, weight }) => rhythm.model === 'sleep' && weight > 0)
  if (first.rhythm.model === 'calendar' || clock === undefined || sleep === undefined) return first
  return clock.rhythm.nats < GRID_SHARE * sleep.rhythm.nats ? sleep : clock
}

/** How much of what was seen a claim explains, and of what it foretells was seen. */
const fullness = ({ rhythm }: Claim): number => rhythm.share * rhythm.coverage

function newest(observations: readonly Observation[], windowMs: number): readonly Observation[] {
  let last = Number.NEGATIVE_INFINITY
  for (const { atMs } of observations) if (Number.isFinite(atMs) && atMs > last) last = atMs
  const first = observations[0]
  if (first !== undefined && first.atMs >= last - windowMs) return observations
  return observations.filter(({ atMs }) => atMs >= last - windowMs)
}

function claimEvidence({ rhythm, weight }: Claim & { weight: number }): Evidence {
  const { model, schedule, form, beats, share, coverage, nats } = rhythm
  const percent = (part: number): string => `${Math.round(part * 100)} %`
  return {
    name: schedule === undefined ? `${model}_rhythm` : 'schedule_match',
    value: Math.round(nats * 10) / 10,
    meaning: `${form}: ${beats} beats, ${percent(share)} of the runs and ${percent(coverage)} of the beats expected`,
    weight,
    pValue: pValueOf(nats),
  }
}

const countEvidence = (runs: number): Evidence => ({
  name: 'runs',
  value: runs,
  meaning: `${runs} runs were seen`,
  weight: 0,
})

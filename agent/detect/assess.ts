/**
 * The verdict on a series: every finder makes its claim, each claim is weighed in log-odds, and the
 * strongest decides. A pure function of the series: the same input gives the same answer on every
 * machine and at any time.
 */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import type { Gap, Observation } from '../../storage/series.ts'
import type { Assessment, Evidence, Period, Verdict } from './assessment.ts'
import { calendarRhythm } from './calendar-rhythm.ts'
import { clockRhythm } from './clock-rhythm.ts'
import { type Rhythm, type View, viewOf } from './rhythm.ts'
import { blindSpans, burstScaleMs, instants, joinRuns } from './runs.ts'
import { sleepRhythm } from './sleep-rhythm.ts'
import { logistic, pValueOf } from './stats.ts'
import { zoneOf } from './zone.ts'

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

export interface DetectOptions {
  /** Runs; fewer are `undecided`. */
  readonly minObservations: number
  /** Score from which a series is `recurring`. */
  readonly threshold: number
}

export const DEFAULT_DETECT_OPTIONS: DetectOptions = { minObservations: 4, threshold: 0.5 }

export function assess(input: AssessInput, options: Partial<DetectOptions> = {}): Assessment {
  const { minObservations, threshold } = { ...DEFAULT_DETECT_OPTIONS, ...options }
  const times = instants(input.observations)
  const firstMs = times[0] ?? 0
  const lastMs = times[times.length - 1] ?? 0
  const runs = joinRuns(times, burstScaleMs(times))
  if (runs.length < minObservations) {
    const evidence = [countEvidence(runs.length)]
    return {
      verdict: 'undecided',
      score: 0,
      periods: [],
      observations: runs.length,
      firstMs,
      lastMs,
      evidence,
    }
  }
  const blind = blindSpans(input.gaps, firstMs, lastMs)
  const view: View = viewOf(runs, blind, zoneOf(input.timeZone), input.timeZone)
  const claims = [sleepRhythm(view), clockRhythm(view), calendarRhythm(view)].filter(
    (claim) => claim !== undefined,
  )
  let best: Rhythm | undefined
  let logOdds = -6
  const evidence: Evidence[] = [countEvidence(runs.length)]
  for (const claim of claims) {
    const weight =
      Math.min(8, (claim.nats - 8) / 2) + Math.min(0, 6 * (claim.share * claim.coverage - 0.35))
    evidence.push({
      name: `${claim.model}_rhythm`,
      value: Math.round(claim.nats * 10) / 10,
      meaning: `${claim.form}: ${claim.beats} of ${runs.length} runs keep it`,
      weight,
      pValue: pValueOf(claim.nats),
    })
    if (weight > logOdds) {
      logOdds = weight
      best = claim
    }
  }
  const score = logistic(logOdds)
  const verdict: Verdict =
    score >= threshold ? 'recurring' : runs.length < 2 * minObservations ? 'undecided' : 'irregular'
  const periods = best === undefined || score < threshold ? [] : [periodOf(best)]
  const rest = { observations: runs.length, firstMs, lastMs, evidence }
  if (best === undefined || periods.length === 0) return { verdict, score, periods, ...rest }
  return { verdict, score, periods, form: best.form, next: best.next, ...rest }
}

const periodOf = (rhythm: Rhythm): Period => ({
  periodMs: rhythm.periodMs,
  model: rhythm.model,
  form: rhythm.form,
  jitter: rhythm.jitter,
  missedRatio: 1 - rhythm.coverage,
  beats: rhythm.beats,
})

const countEvidence = (runs: number): Evidence => ({
  name: 'runs',
  value: runs,
  meaning: `${runs} runs were seen`,
  weight: 0,
})

/**
 * Episodes: one alert for as long as a transfer goes on, and not one a beat. Pure.
 *
 * An episode ends when nothing came for several periods that we could see, or when its rhythm became
 * another; the next beat begins a new one, with a new id. The state is in the stored document, so
 * that after a restart the same findings give the same ids, and nothing is told twice.
 */
import { createHash } from 'node:crypto'
import type { EpochMs } from '../../platform/event.ts'
import type { AlertRecord } from '../../storage/alert.ts'
import type { Gap } from '../../storage/series.ts'
import type { Period } from '../detect/assessment.ts'
import type { AlertFinding, Episode, Told } from './alert-input.ts'
import { composeAlert } from './compose.ts'

export interface AlertState extends Episode {
  readonly id: string
  readonly seriesKey: string
  readonly createdMs: EpochMs
}

export interface AlertOptions {
  /** Least time between two revisions of an alert that merely goes on. */
  readonly updateIntervalMs: number
  /** Periods without a beat that end an episode; missed beats are not yet an end. */
  readonly endAfterPeriods: number
  /** Whether the budget has room for one more new alert (`budget.ts`). */
  readonly mayTell: boolean
}

/** Six in a row: at three beats in ten missed, once in 1,400 runs. */
export const DEFAULT_END_AFTER_PERIODS = 6

/** `new` and `update` are sent; `held` waits for the budget; `kept` is counted and stored only. */
export type AlertOutcome = 'new' | 'update' | 'held' | 'kept'

export interface AlertDecision {
  readonly outcome: AlertOutcome
  readonly record: AlertRecord
  readonly state: AlertState
}

/** An update before its time needs this many more points of risk. */
const RISK_STEP = 10
/** A form that changes to and fro is told at most this often. */
const MIN_RETELL_MS = 600_000
/** Two estimates of one period differ by less. */
const SAME_PERIOD_RATIO = 1.25
/** Missed or doubled beats make the estimate a small multiple or part of the period. */
const MAX_HARMONIC = 4

/**
 * @param previous what `stateOf` read from the latest alert of this series, if there is one
 * @returns undefined where there is nothing to tell: no alert, no rhythm, or no beat since
 */
export function decideAlert(
  previous: AlertState | undefined,
  finding: AlertFinding,
  nowMs: EpochMs,
  options: AlertOptions,
): AlertDecision | undefined {
  const { assessment, risk } = finding
  const [period] = assessment.periods
  if (risk.disposition !== 'alert' || period === undefined) return undefined
  const ongoing =
    previous !== undefined && isSameEpisode(previous, finding, options) ? previous : undefined
  const hasNews = ongoing === undefined || assessment.lastMs > ongoing.lastMs
  const change = changeOf(ongoing, finding, period, nowMs, options)
  if (!hasNews && change === undefined) return undefined

  const outcome = change ?? 'kept'
  // Whole, so that the document is short and reads back as the same number.
  const periodMs = Math.round(period.periodMs)
  const isTold = outcome === 'new' || outcome === 'update'
  const told: Told | undefined = isTold
    ? { atMs: nowMs, risk: risk.score, periodMs, model: period.model }
    : ongoing?.told
  const startMs = ongoing?.startMs ?? startOf(previous, finding, periodMs, options)
  const state: AlertState = {
    id: ongoing?.id ?? alertId(finding.identity.key, startMs),
    seriesKey: finding.identity.key,
    createdMs: ongoing?.createdMs ?? nowMs,
    startMs,
    lastMs: Math.max(ongoing?.lastMs ?? startMs, assessment.lastMs),
    beats: beatsOf(ongoing, finding, startMs),
    periodMs,
    model: period.model,
    ...(told === undefined ? {} : { told }),
  }
  const { id, seriesKey, createdMs, ...episode } = state
  const document = composeAlert({ ...finding, id, createdMs, nowMs, episode })
  const record = { id, seriesKey, createdMs, updatedMs: nowMs, document, send: isTold }
  return { outcome, record, state }
}

/** 128 bits: a fleet never sees two alike. */
export const alertId = (seriesKey: string, startMs: EpochMs): string =>
  createHash('sha256').update(`${seriesKey}\n${startMs}`).digest('hex').slice(0, 32)

/** Why the endpoint should hear of it now; `undefined` where it need not. */
function changeOf(
  ongoing: AlertState | undefined,
  { risk }: AlertFinding,
  period: Period,
  nowMs: EpochMs,
  { mayTell, updateIntervalMs }: AlertOptions,
): AlertOutcome | undefined {
  const told = ongoing?.told
  if (told === undefined) {
    if (mayTell) return 'new'
    return ongoing === undefined ? 'held' : undefined
  }
  const sinceMs = nowMs - told.atMs
  const isDue = sinceMs >= updateIntervalMs
  const isOther =
    period.model !== told.model || ratio(period.periodMs, told.periodMs) > SAME_PERIOD_RATIO
  const isChanged = risk.score >= told.risk + RISK_STEP || (isOther && sinceMs >= MIN_RETELL_MS)
  return isDue || isChanged ? 'update' : undefined
}

function isSameEpisode(
  previous: AlertState,
  finding: AlertFinding,
  options: AlertOptions,
): boolean {
  const { assessment, gaps = [] } = finding
  if (!assessment.periods.some(({ periodMs }) => isSameRhythm(periodMs, previous.periodMs)))
    return false
  const limitMs = options.endAfterPeriods * previous.periodMs
  return seenMs(previous.lastMs, firstAfter(previous.lastMs, finding), gaps) <= limitMs
}

/** The first beat that the episode has not counted, or the last one where there is no list. */
const firstAfter = (atMs: EpochMs, { timesMs = [], assessment }: AlertFinding): EpochMs =>
  timesMs.find((time) => time > atMs) ?? assessment.lastMs

function isSameRhythm(aMs: number, bMs: number): boolean {
  const times = ratio(aMs, bMs)
  const harmonic = Math.max(1, Math.round(times))
  return harmonic <= MAX_HARMONIC && ratio(times, harmonic) <= SAME_PERIOD_RATIO
}

/** How many times the larger is of the smaller, at least 1. */
const ratio = (a: number, b: number): number => Math.max(a, b) / Math.max(1e-9, Math.min(a, b))

/** The part of a span in which we were not blind. */
function seenMs(fromMs: EpochMs, toMs: EpochMs, gaps: readonly Gap[]): number {
  let [seen, doneMs] = [Math.max(0, toMs - fromMs), fromMs]
  for (const gap of gaps.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const startMs = Math.max(gap.fromMs, doneMs)
    const endMs = Math.min(gap.toMs, toMs)
    if (endMs <= startMs) continue
    seen -= endMs - startMs
    doneMs = endMs
  }
  return seen
}

/** A first episode starts with the series; a later one with the first beat after the last silence. */
function startOf(
  previous: AlertState | undefined,
  finding: AlertFinding,
  periodMs: number,
  { endAfterPeriods }: AlertOptions,
): EpochMs {
  const { timesMs = [], gaps = [], assessment } = finding
  if (previous === undefined && timesMs.length === 0) return assessment.firstMs
  const limitMs = endAfterPeriods * periodMs
  let startMs = timesMs[0] ?? assessment.lastMs
  timesMs.forEach((atMs, i) => {
    if (i > 0 && seenMs(timesMs[i - 1] ?? atMs, atMs, gaps) > limitMs) startMs = atMs
  })
  // Never within the episode that is over: that one has told of those beats.
  return previous === undefined || startMs > previous.lastMs
    ? startMs
    : firstAfter(previous.lastMs, finding)
}

/** Counts on from the stored number, since the store keeps only the newest runs. */
function beatsOf(
  ongoing: AlertState | undefined,
  { assessment, timesMs }: AlertFinding,
  startMs: EpochMs,
): number {
  const inRhythm = assessment.periods[0]?.beats ?? assessment.observations
  if (timesMs === undefined) return Math.max(ongoing?.beats ?? 0, inRhythm)
  if (ongoing === undefined) return timesMs.filter((atMs) => atMs >= startMs).length
  return ongoing.beats + timesMs.filter((atMs) => atMs > ongoing.lastMs).length
}

/**
 * Judges one series: its rhythm, its risk, and whether it is an alert. Reads the store, writes
 * nothing: what came of it is handed back to be recorded.
 */
import type { EpochMs, Schedule } from '../platform/event.ts'
import type { AlertRecord, Finding } from '../storage/alert.ts'
import type { Store } from '../storage/store.ts'
import type { AlertFinding } from './alert/alert-input.ts'
import { type Budget, budgetAt, budgetOf, budgetSummary, mayTell, spend } from './alert/budget.ts'
import { type AlertState, decideAlert } from './alert/episode.ts'
import type { HostFacts } from './alert/host-facts.ts'
import { stateOf } from './alert/state.ts'
import type { Transfer } from './correlate/transfer.ts'
import { transferOf } from './correlate/transfer-text.ts'
import type { Destinations } from './destinations.ts'
import { assess, type DetectOptions, type JobTimes } from './detect/assess.ts'
import type { Assessment } from './detect/assessment.ts'
import { assessRisk, type RiskOptions, type RiskPlatform } from './detect/risk.ts'
import { volumeOf } from './detect/risk-volume.ts'
import { jobTimes } from './job-times.ts'

/** The outbox holds no more. */
const MAX_STORED_ALERTS = 10_000
/** Jobs tried for a series whose lineage tells of none; each costs a comparison. */
const MAX_JOBS = 64

export interface AnalystOptions {
  readonly store: Pick<Store, 'series' | 'alerts'>
  readonly destinations: Destinations
  readonly schedules: () => readonly Schedule[]
  readonly detect: Partial<DetectOptions>
  readonly risk: RiskOptions
  readonly alert: {
    readonly maxPerHour: number
    readonly updateIntervalMs: number
    readonly endAfterPeriods: number
  }
  readonly host: HostFacts
  readonly platform: RiskPlatform
  /** IANA zone of the host. */
  readonly timeZone: string
  /** What recurs before is kept, and not told. */
  readonly learnUntilMs: EpochMs
}

export interface Analysis {
  readonly assessment: Assessment
  /** Absent where a series that did not recur still does not: of those only a change is news. */
  readonly finding?: Finding
  /** To be told, or kept until the budget has room. */
  readonly alerts: readonly AlertRecord[]
}

export interface Analyst {
  /** @returns undefined where the series is no longer kept */
  analyze(seriesKey: string, nowMs: EpochMs): Analysis | undefined
}

/** What a finding's `detail` holds, JSON. */
export interface FindingDetail {
  readonly assessment: Assessment
  readonly risk: AlertFinding['risk']
  readonly volume?: NonNullable<AlertFinding['volume']>
}

export function createAnalyst(options: AnalystOptions): Analyst {
  const stored = options.store.alerts(MAX_STORED_ALERTS)
  /** By series: the episode that its latest alert is of. */
  const episodes = new Map(stored.toReversed().map((alert) => [alert.seriesKey, stateOf(alert)]))
  let budget: Budget | undefined
  const timesOf = jobTimes(options.timeZone)

  function jobsOf(transfer: Transfer | undefined): JobTimes[] {
    const started = transfer?.schedule
    const all = started === undefined ? options.schedules() : [started]
    return all.flatMap((schedule) => timesOf(schedule) ?? []).slice(0, MAX_JOBS)
  }

  function alertsOf(finding: AlertFinding, nowMs: EpochMs): readonly AlertRecord[] {
    budget = budgetAt(budget ?? budgetOf(stored, nowMs), nowMs)
    const previous: AlertState | undefined = episodes.get(finding.identity.key)
    const { maxPerHour, ...rest } = options.alert
    const decision = decideAlert(previous, finding, nowMs, {
      ...rest,
      mayTell: mayTell(budget, maxPerHour),
    })
    if (decision === undefined) return []
    episodes.set(finding.identity.key, decision.state)
    budget = spend(budget, decision.outcome)
    const summary =
      decision.outcome === 'held' ? budgetSummary(budget, options.host, nowMs) : undefined
    return summary === undefined ? [decision.record] : [decision.record, summary]
  }

  return {
    analyze(seriesKey, nowMs) {
      const series = options.store.series(seriesKey)
      if (series === undefined) return undefined
      const { identity, observations, gaps, firstSeenMs } = series
      const { timeZone, platform, host } = options
      options.destinations.learn(identity, firstSeenMs)
      const transfer = transferOf(series)
      const assessment = assess(
        { observations, gaps, jobs: jobsOf(transfer), timeZone, nowMs },
        options.detect,
      )
      const isNews = assessment.verdict === 'recurring' || series.isRecurring
      if (!isNews && !episodes.has(seriesKey)) return { assessment, alerts: [] }
      const volume = volumeOf(observations)
      const place = options.destinations.of(identity)
      const timesMs = observations.map(({ atMs }) => atMs)
      const risk = assessRisk(
        {
          ...{ assessment, identity, timesMs, nowMs, platform, timeZone },
          destinationFirstSeenMs: place?.firstSeenMs ?? firstSeenMs,
          destinationActors: place?.actors ?? 1,
          ...(transfer !== undefined && { transfer }),
          ...(volume !== undefined && { volume }),
        },
        options.risk,
      )
      const isLearning = nowMs < options.learnUntilMs && risk.disposition === 'alert'
      // Of irregular series one in forty looks regular at some moment while it grows: what nothing else
      // vouches for must look so twice.
      const isVouched = assessment.schedule !== undefined || transfer?.schedule !== undefined
      const isConfirmed = isVouched || series.isRecurring
      const detail: FindingDetail = { assessment, risk, ...(volume && { volume }) }
      const finding: Finding = {
        seriesKey,
        assessedMs: nowMs,
        verdict: assessment.verdict,
        score: assessment.score,
        risk: risk.score,
        disposition: isLearning ? 'learning' : risk.disposition,
        detail: JSON.stringify(detail),
      }
      const alertFinding: AlertFinding = {
        ...{ identity, assessment, risk, timesMs, gaps, host, platform },
        ...(transfer && { transfer }),
        ...(volume && { volume }),
      }
      const alerts = isLearning || !isConfirmed ? [] : alertsOf(alertFinding, nowMs)
      return { assessment, finding, alerts }
    },
  }
}

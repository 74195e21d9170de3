/**
 * One recurring transfer with all that is known of it, for `agent explain` and the report: of the live
 * agent's store, or of a hunt. Pure. What the store keeps as JSON is read with care: an older agent may
 * have written it.
 */
import type { EpochMs, Schedule, User } from '../../platform/event.ts'
import type { Finding } from '../../storage/alert.ts'
import type { Gap, Observation, Series } from '../../storage/series.ts'
import type { FindingDetail } from '../analyst.ts'
import type { LineageProcess, Transfer } from '../correlate/transfer.ts'
import { transferOf } from '../correlate/transfer-text.ts'
import type { Evidence, Period } from '../detect/assessment.ts'
import { destinationOf, type HuntFinding, isUncounted } from '../hunt/findings.ts'

export interface ToldFinding {
  /** Of the series: what `agent explain` takes. */
  readonly id: string
  /** Where several hosts are told of. */
  readonly host?: string
  readonly verdict: string
  /** 0 to 100. */
  readonly risk: number
  readonly disposition: string
  /** 0 to 1. */
  readonly score: number
  /** "every 15 min"; `undefined` without a rhythm. */
  readonly form?: string
  readonly periods: readonly Period[]
  readonly actor?: string
  readonly user?: User
  readonly loginUser?: User
  readonly destination: {
    /** The name where it is known, else the address. */
    readonly name: string
    readonly ip?: string
    readonly port: number
    readonly transport?: string
  }
  readonly sourceIp?: string
  readonly direction?: string
  readonly firstMs: EpochMs
  readonly lastMs: EpochMs
  /** All transfers, also those that are no longer kept. */
  readonly beats: number
  readonly next?: { readonly atMs: EpochMs; readonly toleranceMs: number }
  /** Of those kept, oldest first. */
  readonly observations: readonly Observation[]
  readonly gaps: readonly Gap[]
  /** `undefined` where nobody counted. */
  readonly sentBytes?: number
  readonly receivedBytes?: number
  readonly schedule?: Schedule
  /** It was seen to start the sender; else its fire times are what the series follows. */
  readonly isStarter: boolean
  readonly lineage: readonly LineageProcess[]
  readonly datasets: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly factors: readonly Evidence[]
}

/** @param series `undefined` where it was evicted meanwhile */
export function toldOfStore(finding: Finding, series: Series | undefined): ToldFinding {
  const { assessment, risk } = read<FindingDetail>(finding.detail)
  const transfer: Partial<Transfer> = (series && transferOf(series)) ?? {}
  const identity = series?.identity
  const observations = series?.observations ?? []
  const user =
    transfer.user ?? (identity?.userId === undefined ? undefined : { id: identity.userId })
  const schedule = transfer.schedule ?? assessment?.schedule
  const ip = transfer.destination?.ip ?? identity?.destinationIp
  return {
    id: finding.seriesKey,
    verdict: finding.verdict,
    risk: finding.risk,
    disposition: finding.disposition,
    score: finding.score,
    periods: assessment?.periods ?? [],
    destination: {
      name: identity?.destinationDomain ?? ip ?? 'unknown',
      port: identity?.destinationPort ?? 0,
      ...defined({ ip, transport: identity?.transport }),
    },
    firstMs: series?.firstSeenMs ?? assessment?.firstMs ?? finding.assessedMs,
    lastMs: observations.at(-1)?.atMs ?? assessment?.lastMs ?? finding.assessedMs,
    beats: series?.totalObservations ?? assessment?.observations ?? 0,
    ...{ observations, gaps: series?.gaps ?? [] },
    isStarter: transfer.schedule !== undefined,
    lineage: transfer.lineage ?? [],
    datasets: transfer.datasets ?? [],
    evidence: assessment?.evidence ?? [],
    factors: risk?.factors ?? [],
    ...defined({
      ...{ form: assessment?.form, next: assessment?.next, user, schedule },
      loginUser: transfer.loginUser,
      actor: identity?.actor ?? transfer.actor,
      sourceIp: transfer.sourceIp ?? identity?.sourceIp,
      sentBytes: sum(observations, 'sentBytes'),
      receivedBytes: sum(observations, 'receivedBytes'),
    }),
  }
}

export function toldOfHunt(finding: HuntFinding, index: number): ToldFinding {
  const { series, direction, assessment, risk, observations, gaps, leftOut } = finding
  const { sender } = series
  const transfer = sender?.transfer
  const schedule = transfer?.schedule ?? assessment.schedule
  const isCounted = !isUncounted(series)
  return {
    id: String(index + 1),
    ...{ verdict: assessment.verdict, score: assessment.score, periods: assessment.periods },
    risk: risk.score,
    disposition: leftOut ?? risk.disposition,
    destination: {
      name: destinationOf(series),
      ip: series.destinationIp,
      ...{ port: series.destinationPort, transport: series.transport },
    },
    direction,
    ...{ firstMs: series.firstMs, lastMs: series.lastMs, beats: series.transfers },
    ...{ observations, gaps },
    isStarter: transfer?.schedule !== undefined,
    lineage: transfer?.lineage ?? [],
    datasets: transfer?.datasets ?? [],
    evidence: assessment.evidence,
    factors: risk.factors,
    ...defined({
      ...{ form: assessment.form, next: assessment.next, schedule },
      ...{ user: transfer?.user, loginUser: transfer?.loginUser, actor: transfer?.actor },
      host: sender?.host || undefined,
      sourceIp: series.sourceIp === '0.0.0.0' ? undefined : series.sourceIp,
      sentBytes: isCounted ? series.sentBytes : undefined,
      receivedBytes: isCounted ? series.receivedBytes : undefined,
    }),
  }
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

/** Without what is not known. */
function defined<T extends object>(facts: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as Defined<T>
}

function sum(
  observations: readonly Observation[],
  field: 'sentBytes' | 'receivedBytes',
): number | undefined {
  const known = observations.flatMap((one) => one[field] ?? [])
  return known.length === 0 ? undefined : known.reduce((total, bytes) => total + bytes, 0)
}

function read<T extends object>(json: string | undefined): Partial<T> {
  try {
    const value: unknown = JSON.parse(json ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Partial<T>) : {}
  } catch {
    return {}
  }
}

/** A stored finding as one line for a person. Pure: what the store keeps as JSON is read with care. */
import { endpointText } from '../../platform/address.ts'
import type { Schedule } from '../../platform/event.ts'
import type { Finding } from '../../storage/alert.ts'
import type { Series } from '../../storage/series.ts'
import type { FindingDetail } from '../analyst.ts'
import type { Transfer } from '../correlate/transfer.ts'
import type { FindingSummary } from './status.ts'

/** @param series as it is now; `undefined` where it was evicted meanwhile */
export function summarizeFinding(finding: Finding, series: Series | undefined): FindingSummary {
  const { assessment } = read<FindingDetail>(finding.detail)
  const transfer = read<Transfer>(series?.context)
  const identity = series?.identity
  const user = transfer.user?.name ?? transfer.user?.id ?? identity?.userId
  const schedule = transfer.schedule ?? assessment?.schedule
  const sent = (series?.observations ?? []).flatMap(({ sentBytes }) => sentBytes ?? [])
  const host = identity?.destinationDomain ?? identity?.destinationIp
  return {
    seriesKey: finding.seriesKey,
    disposition: finding.disposition,
    risk: finding.risk,
    score: finding.score,
    form: assessment?.form ?? 'unknown',
    actor: identity?.actor ?? transfer.actor ?? identity?.sourceIp ?? 'unknown',
    destination:
      host === undefined ? 'unknown' : endpointText(host, identity?.destinationPort ?? 0),
    beats: assessment?.observations ?? series?.totalObservations ?? 0,
    lastMs: assessment?.lastMs ?? series?.observations.at(-1)?.atMs ?? finding.assessedMs,
    ...(user === undefined ? {} : { user }),
    ...(schedule === undefined
      ? {}
      : { schedule: `${schedule.scheduler} ${placeOf(schedule)}`.trim() }),
    ...(assessment?.next === undefined ? {} : { nextMs: assessment.next.atMs }),
    // Unknown is not 0: a sum is told only where some transfer was counted.
    ...(sent.length === 0 ? {} : { sentBytes: sent.reduce((sum, bytes) => sum + bytes, 0) }),
  }
}

/** Where a person finds it: its file, but for a task, which Windows itself shows by its path. */
const placeOf = ({ scheduler, file, id }: Schedule): string =>
  scheduler === 'task-scheduler' ? id : (file ?? id)

/** Each field may be missing: an older agent may have written it. */
function read<T extends object>(json: string | undefined): Partial<T> {
  try {
    const value: unknown = JSON.parse(json ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Partial<T>) : {}
  } catch {
    return {}
  }
}

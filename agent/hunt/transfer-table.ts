/**
 * Transfers of recorded hosts gathered into series, as `series-table.ts` gathers connections of a
 * network. Pure but for its own state. A transfer that comes again is the same, better known.
 */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import type { Gap, Observation } from '../../storage/series.ts'
import type { Transfer } from '../correlate/transfer.ts'
import { type GatheredHost, keyOf, type RecordedHost } from './event-gather.ts'
import type { GatheredSeries, RecordedSeries } from './recorded-series.ts'

const MAX_SERIES = 100_000
/** Blind spans kept of a host. */
const MAX_GAPS = 10_000
/** Where no record told the address of the host itself. */
const UNTOLD = '0.0.0.0'

export interface TransferTable extends GatheredSeries {
  add(gathered: GatheredHost): void
  /** Transfers of series for which there was no room. */
  readonly dropped: number
}

interface KeptSeries {
  readonly host: RecordedHost
  readonly observations: Map<EpochMs, Observation>
  sourceIp: string
  last: Transfer
  /** Transfers that are no longer kept, and when the first of all was. */
  past: number
  firstMs: EpochMs
}

interface HostSpan {
  gaps: Gap[]
  lastMs: EpochMs
}

/**
 * @param maxObservations newest transfers kept of a series
 * @param schedulesOf all jobs that are known of a host
 */
export function transferTable(
  maxObservations: number,
  schedulesOf: (host: RecordedHost) => readonly Schedule[] = () => [],
): TransferTable {
  const ids = new Map<string, number>()
  const all: KeptSeries[] = []
  const spans = new Map<string, HostSpan>()
  let dropped = 0
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY

  function spanOf(host: RecordedHost): HostSpan {
    const key = keyOf(host)
    const known = spans.get(key)
    if (known !== undefined) return known
    const span = { gaps: [], lastMs: Number.NEGATIVE_INFINITY }
    spans.set(key, span)
    return span
  }

  function addTransfer(host: RecordedHost, span: HostSpan, transfer: Transfer): void {
    const { startMs } = transfer
    firstMs = Math.min(firstMs, startMs)
    lastMs = Math.max(lastMs, startMs)
    span.lastMs = Math.max(span.lastMs, startMs)
    const series = seriesOf(host, transfer)
    if (series === undefined) return
    series.observations.set(startMs, observationOf(transfer))
    series.firstMs = Math.min(series.firstMs, startMs)
    if (startMs >= series.last.startMs) {
      series.last = transfer
      series.sourceIp = transfer.sourceIp ?? series.sourceIp
    }
    // They come in order: the first is the oldest.
    if (series.observations.size <= maxObservations) return
    series.observations.delete(series.observations.keys().next().value as EpochMs)
    series.past++
  }

  function seriesOf(host: RecordedHost, transfer: Transfer): KeptSeries | undefined {
    const key = `${keyOf(host)} ${transfer.seriesKey}`
    const id = ids.get(key)
    if (id !== undefined) return all[id]
    if (all.length >= MAX_SERIES) {
      dropped++
      return undefined
    }
    const { startMs, sourceIp = UNTOLD } = transfer
    const { name, place } = host
    const series = {
      ...{ host: { name, place }, observations: new Map(), sourceIp, last: transfer, past: 0 },
      firstMs: startMs,
    }
    ids.set(key, all.push(series) - 1)
    return series
  }

  function seriesAt(id: number): RecordedSeries {
    const { host, observations, sourceIp, last, past, firstMs } = all[id] as KeptSeries
    return {
      id,
      sourceIp,
      destinationIp: last.destination.ip,
      domain: last.domain,
      destinationPort: last.destination.port,
      transport: last.transport ?? 'tcp',
      transfers: observations.size + past,
      firstMs,
      lastMs: last.startMs,
      sentBytes: total(observations, 'sentBytes'),
      receivedBytes: total(observations, 'receivedBytes'),
      // The host that wrote the record is ours, whatever its address.
      sourceVotes: 1,
      destinationVotes: 0,
      sender: { host: host.name, place: host.place, transfer: last },
    }
  }

  return {
    add({ transfers, gaps, ...host }) {
      const span = spanOf(host)
      for (const { transfer } of transfers) addTransfer(host, span, transfer)
      for (const gap of gaps) if (span.gaps.length < MAX_GAPS) span.gaps.push(gap)
    },
    get dropped() {
      return dropped
    },
    get firstMs() {
      return firstMs
    },
    get lastMs() {
      return lastMs
    },
    get size() {
      return all.length
    },
    *series() {
      for (let id = 0; id < all.length; id++) yield seriesAt(id)
    },
    observations(series) {
      const { host, observations, firstMs } = all[series.id] as KeptSeries
      const { gaps, lastMs } = spanOf(host)
      return {
        series,
        observations: [...observations.values()].sort((a, b) => a.atMs - b.atMs),
        surroundings: {
          gaps: gaps.filter(({ toMs }) => toMs > firstMs).sort((a, b) => a.fromMs - b.fromMs),
          schedules: schedulesOf(host),
          lastMs,
        },
      }
    },
  }
}

function total(
  observations: ReadonlyMap<EpochMs, Observation>,
  field: 'sentBytes' | 'receivedBytes',
): number {
  let sum = 0
  for (const observation of observations.values()) sum += observation[field] ?? 0
  return sum
}

const observationOf = ({
  startMs,
  connections,
  sentBytes,
  receivedBytes,
}: Transfer): Observation => ({
  atMs: startMs,
  connections,
  ...(sentBytes !== undefined && { sentBytes }),
  ...(receivedBytes !== undefined && { receivedBytes }),
})

/**
 * Transfers of recorded hosts gathered into series, as `series-table.ts` gathers connections of a
 * network. Pure but for its own state. A transfer that comes again is the same, better known.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { Observation } from '../../storage/series.ts'
import type { Transfer } from '../correlate/transfer.ts'
import type { RecordedTransfer } from '../correlate/transfers.ts'
import type { GatheredSeries, RecordedSeries } from './recorded-series.ts'

const MAX_SERIES = 100_000
/** Where no record told the address of the host itself. */
const UNTOLD = '0.0.0.0'

export interface TransferTable extends GatheredSeries {
  add(host: string, recorded: RecordedTransfer): void
  /** Transfers of series for which there was no room. */
  readonly dropped: number
}

/** @param maxObservations newest transfers kept of a series */
export function transferTable(maxObservations: number): TransferTable {
  const ids = new Map<string, number>()
  const all: { readonly host: string; readonly transfers: Map<EpochMs, Transfer>; past: number }[] =
    []
  let dropped = 0
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY

  const inOrder = (id: number): Transfer[] =>
    [...(all[id]?.transfers.values() ?? [])].sort((a, b) => a.startMs - b.startMs)

  function seriesAt(id: number): RecordedSeries {
    const transfers = inOrder(id)
    const last = transfers.at(-1) as Transfer
    const { host, past } = all[id] ?? { host: '', past: 0 }
    return {
      id,
      sourceIp: transfers.findLast(({ sourceIp }) => sourceIp !== undefined)?.sourceIp ?? UNTOLD,
      destinationIp: last.destination.ip,
      domain: last.domain,
      destinationPort: last.destination.port,
      transport: last.transport ?? 'tcp',
      transfers: transfers.length + past,
      firstMs: transfers[0]?.startMs ?? 0,
      lastMs: last.startMs,
      sentBytes: total(transfers, 'sentBytes'),
      receivedBytes: total(transfers, 'receivedBytes'),
      // The host that wrote the record is ours, whatever its address.
      sourceVotes: 1,
      destinationVotes: 0,
      sender: { host, transfer: last },
    }
  }

  return {
    add(host, { transfer }) {
      firstMs = Math.min(firstMs, transfer.startMs)
      lastMs = Math.max(lastMs, transfer.startMs)
      const key = `${host} ${transfer.seriesKey}`
      let id = ids.get(key)
      if (id === undefined) {
        if (all.length >= MAX_SERIES) {
          dropped++
          return
        }
        id = all.push({ host, transfers: new Map(), past: 0 }) - 1
        ids.set(key, id)
      }
      const series = all[id]
      if (series === undefined) return
      series.transfers.set(transfer.startMs, transfer)
      // They come in order: the first is the oldest.
      if (series.transfers.size <= maxObservations) return
      series.transfers.delete(series.transfers.keys().next().value as EpochMs)
      series.past++
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
    observations: (series) => ({ series, observations: inOrder(series.id).map(observationOf) }),
  }
}

const total = (transfers: readonly Transfer[], field: 'sentBytes' | 'receivedBytes'): number =>
  transfers.reduce((sum, transfer) => sum + (transfer[field] ?? 0), 0)

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

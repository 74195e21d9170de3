/**
 * Recorded connections gathered into series: who sends where. Pure but for its own state.
 *
 * Made for millions of connections, so points lie in a pool. A series keeps its newest points; its
 * counts stay whole. Files may come in any order and overlap: a connection told twice (same start,
 * same source port) is one, as long as its first telling is among the points kept.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { RecordedConnection } from '../../platform/recordings/zeek-record.ts'
import { ownText } from '../../platform/shared/own-text.ts'
import type { Observation } from '../../storage/series.ts'
import { NO_POINT, type Point, pointPool } from './point-pool.ts'
import type { GatheredSeries, RecordedSeries } from './recorded-series.ts'
import { seriesColumns } from './series-columns.ts'

/** Series held, some 100 bytes each; a hostile recording can name any number of them. */
const MAX_SERIES = 1_000_000

export interface SeriesTableOptions {
  /** Newest points kept of a series. */
  readonly maxObservations: number
  /** The name of a destination, where known: it tells the series apart in place of the address. */
  readonly nameOf: (clientIp: string, address: string, atMs: EpochMs) => string | undefined
}

export interface SeriesTable extends GatheredSeries {
  add(connection: RecordedConnection): void
  /**
   * Connections that sent nothing. They make no series; in a series that has sent, they are beats that
   * did not get through: who calls a server that is away keeps calling.
   */
  readonly probes: number
  /** Transfers of series for which there was no room. */
  readonly dropped: number
}

export function seriesTable({ maxObservations, nameOf }: SeriesTableOptions): SeriesTable {
  const rows = seriesColumns()
  const texts = numbered()
  const pool = pointPool()
  let probes = 0
  let dropped = 0
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY

  /** @returns its number; `undefined` where there is no room for another */
  function idOf(connection: RecordedConnection, address: number): number | undefined {
    const { startMs, sourceIp, destinationIp, destinationPort, transport, isTransfer } = connection
    const domain = nameOf(sourceIp, destinationIp, startMs)
    const key = {
      source: texts.numberOf(sourceIp),
      destination: domain === undefined ? address : texts.numberOf(domain),
      port: 2 * destinationPort + (transport === 'udp' ? 1 : 0),
    }
    const known = rows.find(key)
    if (known !== undefined || !isTransfer || rows.size >= MAX_SERIES) return known
    const id = rows.add(key)
    const { columns } = rows
    columns.head[id] = NO_POINT
    columns.firstMs[id] = startMs
    columns.lastMs[id] = startMs
    columns.address[id] = address
    return id
  }

  /** Drops what was told twice, then the oldest beyond the bound. @returns what is kept, in order */
  function tidy(id: number): Point[] {
    const { columns } = rows
    const all = pool.take(at(columns.head, id)).sort(byStart)
    const once = all.filter((point, i) => !isSame(point, all[i + 1]))
    for (const [i, point] of all.entries()) {
      if (!isSame(point, all[i + 1])) continue
      plus(columns.transfers, id, -1)
      plus(columns.sentBytes, id, -(point.sentBytes ?? 0))
      plus(columns.receivedBytes, id, -(point.receivedBytes ?? 0))
    }
    const kept = once.slice(-maxObservations)
    columns.head[id] = kept.reduce((head, point) => pool.add(head, point), NO_POINT)
    columns.held[id] = kept.length
    return kept
  }

  function seriesAt(id: number): RecordedSeries {
    const { columns } = rows
    const [destination, address] = [at(columns.destination, id), at(columns.address, id)]
    const destinationIp = texts.textOf(address)
    const destinationText = texts.textOf(destination)
    const port = at(columns.port, id)
    return {
      id,
      sourceIp: texts.textOf(at(columns.source, id)),
      destinationIp,
      domain: destinationText === destinationIp ? undefined : destinationText,
      destinationPort: port >>> 1,
      transport: port % 2 === 1 ? 'udp' : 'tcp',
      transfers: at(columns.transfers, id),
      firstMs: at(columns.firstMs, id),
      lastMs: at(columns.lastMs, id),
      sentBytes: at(columns.sentBytes, id),
      receivedBytes: at(columns.receivedBytes, id),
      sourceVotes: at(columns.sourceVotes, id),
      destinationVotes: at(columns.destinationVotes, id),
    }
  }

  return {
    add(connection) {
      const { startMs, sentBytes, receivedBytes } = connection
      firstMs = Math.min(firstMs, startMs)
      lastMs = Math.max(lastMs, startMs)
      if (!connection.isTransfer) probes++
      const address = texts.numberOf(connection.destinationIp)
      const id = idOf(connection, address)
      if (id === undefined) {
        if (connection.isTransfer) dropped++
        return
      }
      const { columns } = rows
      if (startMs >= at(columns.lastMs, id)) {
        columns.lastMs[id] = startMs
        columns.address[id] = address
      }
      columns.firstMs[id] = Math.min(at(columns.firstMs, id), startMs)
      plus(columns.transfers, id, 1)
      plus(columns.sentBytes, id, sentBytes ?? 0)
      plus(columns.receivedBytes, id, receivedBytes ?? 0)
      plus(columns.sourceVotes, id, vote(connection.isSourceLocal))
      plus(columns.destinationVotes, id, vote(connection.isDestinationLocal))
      columns.head[id] = pool.add(at(columns.head, id), connection)
      plus(columns.held, id, 1)
      // At twice the bound: a point is then sorted a few times in all, and not at every step.
      if (at(columns.held, id) >= 2 * maxObservations) tidy(id)
    },
    get probes() {
      return probes
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
      return rows.size
    },
    *series() {
      for (let id = 0; id < rows.size; id++) yield seriesAt(id)
    },
    observations(series) {
      const observations = observationsOf(tidy(series.id))
      return { series: seriesAt(series.id), observations }
    },
  }
}

/** Texts by number, in the order in which they first came. */
function numbered() {
  const numbers = new Map<string, number>()
  const texts: string[] = []
  return {
    numberOf(text: string): number {
      const known = numbers.get(text)
      if (known !== undefined) return known
      // A view of the chunk that it was read from would keep all of it.
      const own = ownText(text)
      numbers.set(own, texts.length)
      return texts.push(own) - 1
    },
    textOf: (number: number): string => texts[number] ?? '',
  }
}

/** Every series has a place in every column. */
const at = (column: Int32Array | Float64Array, id: number): number => column[id] as number

function plus(column: Int32Array | Float64Array, id: number, amount: number): void {
  column[id] = at(column, id) + amount
}

const vote = (isLocal: boolean | undefined): number =>
  isLocal === undefined ? 0 : isLocal ? 1 : -1

/** The better known of two tellings last: a connection still open has counted less. */
const byStart = (a: Point, b: Point): number =>
  a.startMs - b.startMs || a.sourcePort - b.sourcePort || (a.sentBytes ?? -1) - (b.sentBytes ?? -1)

const isSame = (a: Point, b: Point | undefined): boolean =>
  b !== undefined && a.startMs === b.startMs && a.sourcePort === b.sourcePort

/** One observation an instant, as a series wants it. */
function observationsOf(points: readonly Point[]): Observation[] {
  const observations: Observation[] = []
  for (const { startMs, sentBytes, receivedBytes } of points) {
    const atMs = Math.round(startMs)
    const last = observations.at(-1)
    const isSameInstant = last !== undefined && last.atMs === atMs
    if (isSameInstant) observations.pop()
    const sent = sum(isSameInstant ? last.sentBytes : undefined, sentBytes)
    const received = sum(isSameInstant ? last.receivedBytes : undefined, receivedBytes)
    observations.push({
      atMs,
      connections: isSameInstant ? last.connections + 1 : 1,
      ...(sent === undefined ? {} : { sentBytes: sent }),
      ...(received === undefined ? {} : { receivedBytes: received }),
    })
  }
  return observations
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : a + b

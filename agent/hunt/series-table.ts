/**
 * Recorded connections gathered into series: who sends where. Pure but for its own state.
 *
 * Made for millions of connections, so points lie in a pool. A series keeps its newest points; its
 * counts stay whole. Files may come in any order and overlap: a connection told twice (same start,
 * same source port) is one, as long as its first telling is among the points kept.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { RecordedConnection } from '../../platform/recordings/zeek-record.ts'
import type { Observation } from '../../storage/series.ts'
import { NO_POINT, type Point, pointPool } from './point-pool.ts'

/** Series held, some 400 bytes each; a hostile recording can name any number of them. */
const MAX_SERIES = 1_000_000

/** A series, as far as it is gathered: it changes with each connection added. */
export interface RecordedSeries {
  readonly sourceIp: string
  /** The latest, where the series is told by its domain. */
  readonly destinationIp: string
  readonly domain: string | undefined
  readonly destinationPort: number
  readonly transport: 'tcp' | 'udp'
  /** All transfers, also those whose point is no longer kept. */
  readonly transfers: number
  readonly firstMs: EpochMs
  readonly lastMs: EpochMs
  /** Payload, as far as it was told. */
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Above 0: its source (destination) is of the sensor's own network by most records; 0: untold. */
  readonly sourceVotes: number
  readonly destinationVotes: number
}

export interface SeriesTableOptions {
  /** Newest points kept of a series. */
  readonly maxObservations: number
  /** The name of a destination, where known: it tells the series apart in place of the address. */
  readonly nameOf: (clientIp: string, address: string, atMs: EpochMs) => string | undefined
}

export interface SeriesTable {
  add(connection: RecordedConnection): void
  /** Connections that sent nothing. They make no series. */
  readonly probes: number
  /** Transfers of series for which there was no room. */
  readonly dropped: number
  readonly lastMs: EpochMs
  readonly firstMs: EpochMs
  readonly size: number
  series(): Iterable<RecordedSeries>
  /** The points kept of one of its series, oldest first; those of one millisecond are one. */
  observations(series: RecordedSeries): Observation[]
}

type Row = { -readonly [K in keyof RecordedSeries]: RecordedSeries[K] } & {
  head: number
  held: number
}

export function seriesTable({ maxObservations, nameOf }: SeriesTableOptions): SeriesTable {
  const rows = new Map<string, Row>()
  const pool = pointPool()
  let probes = 0
  let dropped = 0
  let firstMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY

  function rowOf(connection: RecordedConnection): Row | undefined {
    const { startMs, sourceIp, destinationIp, destinationPort, transport } = connection
    const domain = nameOf(sourceIp, destinationIp, startMs)
    const key = `${sourceIp} ${domain ?? destinationIp} ${destinationPort} ${transport}`
    const known = rows.get(key)
    if (known !== undefined || rows.size >= MAX_SERIES) return known
    const row = newRow(connection, domain)
    rows.set(key, row)
    return row
  }

  /** Drops what was told twice, then the oldest beyond the bound. @returns what is kept, in order */
  function tidy(row: Row): Point[] {
    const all = pool.take(row.head).sort(byStart)
    const once = all.filter((point, i) => !isSame(point, all[i + 1]))
    for (const [i, point] of all.entries()) {
      if (!isSame(point, all[i + 1])) continue
      row.transfers--
      row.sentBytes -= point.sentBytes ?? 0
      row.receivedBytes -= point.receivedBytes ?? 0
    }
    const kept = once.slice(-maxObservations)
    row.head = kept.reduce((head, point) => pool.add(head, point), NO_POINT)
    row.held = kept.length
    return kept
  }

  return {
    add(connection) {
      const { startMs, sentBytes, receivedBytes } = connection
      firstMs = Math.min(firstMs, startMs)
      lastMs = Math.max(lastMs, startMs)
      if (!connection.isTransfer) {
        probes++
        return
      }
      const row = rowOf(connection)
      if (row === undefined) {
        dropped++
        return
      }
      if (startMs >= row.lastMs) row.destinationIp = connection.destinationIp
      row.firstMs = Math.min(row.firstMs, startMs)
      row.lastMs = Math.max(row.lastMs, startMs)
      row.transfers++
      row.sentBytes += sentBytes ?? 0
      row.receivedBytes += receivedBytes ?? 0
      row.sourceVotes += vote(connection.isSourceLocal)
      row.destinationVotes += vote(connection.isDestinationLocal)
      row.head = pool.add(row.head, connection)
      row.held++
      // At twice the bound: a point is then sorted a few times in all, and not at every step.
      if (row.held >= 2 * maxObservations) tidy(row)
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
    series: () => rows.values(),
    // Every series of a table is one of its rows.
    observations: (series) => observationsOf(tidy(series as Row)),
  }
}

const newRow = (
  { startMs, sourceIp, destinationIp, destinationPort, transport }: RecordedConnection,
  domain: string | undefined,
): Row => ({
  sourceIp,
  destinationIp,
  domain,
  destinationPort,
  transport,
  transfers: 0,
  firstMs: startMs,
  lastMs: startMs,
  sentBytes: 0,
  receivedBytes: 0,
  sourceVotes: 0,
  destinationVotes: 0,
  head: NO_POINT,
  held: 0,
})

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

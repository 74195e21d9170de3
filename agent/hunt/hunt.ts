/**
 * Reads recorded files into series and finds what recurs: connections of a network (Zeek), or what
 * hosts told of themselves, which goes through the correlator as if it were live. All files are one
 * recording: rotated files and those of several sensors belong together, in whatever order they are
 * given.
 *
 * A file that can't be read, or only in part, is told and the rest goes on.
 */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import { addressBook } from '../../platform/recordings/zeek-reader.ts'
import { localHosts, type Network } from './direction.ts'
import { eventGather } from './event-gather.ts'
import { type ProbedFile, probe, readInOrder } from './file-order.ts'
import { byRank, findings, type HuntFinding, type Judge } from './findings.ts'
import type { RecordedFormat } from './formats/format.ts'
import { nameTable } from './names.ts'
import { placeOf } from './places.ts'
import type { FileReport } from './read-file.ts'
import type { GatheredSeries, RecordedSeries } from './recorded-series.ts'
import { seriesTable } from './series-table.ts'
import { transferTable } from './transfer-table.ts'

export type { FileReport } from './read-file.ts'

export interface HuntOptions {
  readonly files: readonly string[]
  /** What all of them are, where a person told. */
  readonly format?: RecordedFormat | undefined
  /** Job definitions of copied hosts, by their place (`placeOf`). */
  readonly schedules?: ReadonlyMap<string, readonly Schedule[]>
  /** Ours, where a person told; empty: to be found out. */
  readonly networks: readonly Network[]
  /** IANA zone of stamps that name none. */
  readonly timeZone: string
  /** Newest transfers kept of a series. */
  readonly maxObservations: number
  /** Also what does not recur, and what is left out. */
  readonly isAll: boolean
  readonly judge: Judge
  progress?(state: HuntProgress): void
}

export type HuntProgress =
  /** `bytes` from disk of all files so far. */
  | { readonly phase: 'reading'; readonly bytes: number; readonly rows: number }
  | { readonly phase: 'judging'; readonly series: number; readonly total: number }

export interface HuntResult {
  readonly findings: readonly HuntFinding[]
  readonly files: readonly FileReport[]
  readonly series: number
  /** Connections that sent nothing. */
  readonly probes: number
  /** Transfers and names for which there was no room. */
  readonly dropped: number
  /** `undefined` where no connection was read. */
  readonly span?: { readonly firstMs: EpochMs; readonly lastMs: EpochMs }
}

export async function hunt(options: HuntOptions): Promise<HuntResult> {
  const { networks, timeZone, maxObservations, isAll, judge, progress } = options
  const names = nameTable()
  const table = seriesTable({ maxObservations, nameOf: names.nameOf })
  const hosts = eventGather((gathered) => transfers.add(gathered))
  const transfers = transferTable(maxObservations, hosts.schedulesOf)
  for (const [place, schedules] of options.schedules ?? []) {
    for (const schedule of schedules) hosts.add('', place, found(schedule))
  }
  const probed: ProbedFile[] = []
  for (const path of options.files) probed.push(await probe(path, timeZone))
  const files = await readInOrder(
    probed,
    (path) => {
      const place = placeOf(path)
      return {
        connection: table.add,
        name: names.add,
        event: (host, event) => hosts.add(host, place, event),
      }
    },
    { intern: addressBook(), timeZone, format: options.format },
    (bytes, rows) => progress?.({ phase: 'reading', bytes, rows }),
  )
  hosts.end()
  const isLocal = localHosts(seriesOf(table, transfers), networks)
  const size = table.size + transfers.size
  const judged = (gathered: GatheredSeries, before: number): HuntFinding[] =>
    findings(gathered, {
      isLocal,
      judge,
      isAll,
      progress: (done) => progress?.({ phase: 'judging', series: before + done, total: size }),
    })
  const all = [...judged(table, 0), ...judged(transfers, table.size)].sort(byRank)
  const firstMs = Math.min(table.firstMs, transfers.firstMs)
  const lastMs = Math.max(table.lastMs, transfers.lastMs)
  return {
    findings: all,
    files,
    series: size,
    probes: table.probes,
    dropped: table.dropped + names.dropped + transfers.dropped,
    ...(firstMs > lastMs ? {} : { span: { firstMs, lastMs } }),
  }
}

/** A definition is from before all that is recorded: it was there when its first run was seen. */
const found = (schedule: Schedule) =>
  ({
    kind: 'schedule-change',
    change: 'found',
    atMs: 0,
    dataset: 'linux.schedules',
    schedule,
  }) as const

/** One after the other: there may be a million. */
function* seriesOf(...tables: readonly GatheredSeries[]): Generator<RecordedSeries> {
  for (const table of tables) yield* table.series()
}

/**
 * Reads recorded files into series and finds what recurs: connections of a network (Zeek), or what
 * hosts told of themselves (Windows event logs), which goes through the correlator as if it were live. All files are one recording: rotated files
 * and those of several sensors belong together. Files that begin with DNS answers are read first, so
 * that names are known when connections come, whatever the order they were given in.
 *
 * A file that can't be read, or only in part, is told and the rest goes on.
 */
import type { EpochMs } from '../../platform/event.ts'
import { readRecordedFile } from '../../platform/recordings/recorded-file.ts'
import { addressBook, zeekReader } from '../../platform/recordings/zeek-reader.ts'
import { localHosts, type Network } from './direction.ts'
import { eventGather } from './event-gather.ts'
import { byRank, findings, type HuntFinding, type Judge } from './findings.ts'
import { nameTable } from './names.ts'
import { type FileReport, type FileSinks, readFile } from './read-file.ts'
import type { GatheredSeries, RecordedSeries } from './recorded-series.ts'
import { seriesTable } from './series-table.ts'
import { transferTable } from './transfer-table.ts'

export type { FileReport } from './read-file.ts'

export interface HuntOptions {
  readonly files: readonly string[]
  /** Ours, where a person told; empty: to be found out. */
  readonly networks: readonly Network[]
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
  const { networks, maxObservations, isAll, judge, progress } = options
  const names = nameTable()
  const table = seriesTable({ maxObservations, nameOf: names.nameOf })
  const hosts = eventGather()
  const transfers = transferTable(maxObservations)
  const sinks: FileSinks = { connection: table.add, name: names.add, event: hosts.add }
  const intern = addressBook()
  const files: FileReport[] = []
  let bytes = 0
  let rows = 0
  for (const path of await namesFirst(options.files)) {
    const [bytesBefore, rowsBefore] = [bytes, rows]
    const tell = (readBytes: number, readRows: number): void => {
      bytes = bytesBefore + readBytes
      rows = rowsBefore + readRows
      progress?.({ phase: 'reading', bytes, rows })
    }
    files.push(await readFile(path, sinks, intern, tell))
  }
  hosts.pour(transfers.add)
  const isLocal = localHosts(seriesOf(table, transfers), networks)
  const size = table.size + transfers.size
  const judged = (gathered: GatheredSeries, before: number): HuntFinding[] =>
    findings(gathered, {
      isLocal,
      judge,
      isAll,
      progress: (done) => progress?.({ phase: 'judging', series: before + done, total: size }),
    })
  const found = [...judged(table, 0), ...judged(transfers, table.size)].sort(byRank)
  const firstMs = Math.min(table.firstMs, transfers.firstMs)
  const lastMs = Math.max(table.lastMs, transfers.lastMs)
  return {
    findings: found,
    files,
    series: size,
    probes: table.probes,
    dropped: table.dropped + names.dropped + transfers.dropped + hosts.dropped,
    ...(firstMs > lastMs ? {} : { span: { firstMs, lastMs } }),
  }
}

/** One after the other: there may be a million. */
function* seriesOf(...tables: readonly GatheredSeries[]): Generator<RecordedSeries> {
  for (const table of tables) yield* table.series()
}

/** Files that begin with names, then the others; each in the order given. */
async function namesFirst(files: readonly string[]): Promise<string[]> {
  const [first, then]: [string[], string[]] = [[], []]
  for (const path of files) ((await beginsWithNames(path)) ? first : then).push(path)
  return [...first, ...then]
}

async function beginsWithNames(path: string): Promise<boolean> {
  const reader = zeekReader({ connection: () => {}, name: () => {} })
  try {
    await readRecordedFile(path, {
      chunk(chunk) {
        reader.push(chunk)
        return false
      },
    })
  } catch {
    // Told when it is read in full.
    return false
  }
  return reader.kinds.has('names')
}

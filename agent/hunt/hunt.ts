/**
 * Reads recorded files into series and finds what recurs. All files are one recording: rotated files
 * and those of several sensors belong together. Files that begin with DNS answers are read first, so
 * that names are known when connections come, whatever the order they were given in.
 *
 * A file that can't be read, or only in part, is told and the rest goes on.
 */
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import { readRecordedFile } from '../../platform/recordings/recorded-file.ts'
import {
  addressBook,
  type RowFault,
  type ZeekCounts,
  type ZeekSink,
  zeekReader,
} from '../../platform/recordings/zeek-reader.ts'
import { localHosts, type Network } from './direction.ts'
import { findings, type HuntFinding, type Judge } from './findings.ts'
import { nameTable } from './names.ts'
import { seriesTable } from './series-table.ts'

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

/** What became of one file. */
export interface FileReport {
  readonly path: string
  readonly counts: ZeekCounts
  /** The first rows that could not be read. */
  readonly faults: readonly RowFault[]
  /** Why it could not be read, or not to its end. */
  readonly error?: { readonly message: string; readonly remedy?: string }
}

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
  const sink: ZeekSink = { connection: table.add, name: names.add }
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
    files.push(await readFile(path, sink, intern, tell))
  }
  const found = findings(table, {
    isLocal: localHosts(table.series(), networks),
    judge,
    isAll,
    progress: (series, total) => progress?.({ phase: 'judging', series, total }),
  })
  const { firstMs, lastMs } = table
  return {
    findings: found,
    files,
    series: table.size,
    probes: table.probes,
    dropped: table.dropped + names.dropped,
    ...(firstMs > lastMs ? {} : { span: { firstMs, lastMs } }),
  }
}

async function readFile(
  path: string,
  sink: ZeekSink,
  intern: (text: string) => string | undefined,
  tell: (bytes: number, rows: number) => void,
): Promise<FileReport> {
  const reader = zeekReader(sink, intern)
  const report = { path, counts: reader.counts, faults: reader.faults }
  try {
    await readRecordedFile(path, {
      chunk(chunk) {
        reader.push(chunk)
        return reader.refusal === undefined
      },
      progress: (readBytes) => tell(readBytes, reader.counts.rows),
    })
    reader.end()
  } catch (error) {
    // What was unpacked before the damage counts; the row that it cut in two does not.
    return { ...report, error: errorOf(error) }
  }
  if (reader.refusal === undefined) return report
  return { ...report, error: { message: `${path}: ${reader.refusal}`, remedy: REFUSED_REMEDY } }
}

const REFUSED_REMEDY = 'give a Zeek conn.log or dns.log with its header, plain, gzip or zstd'

const errorOf = (error: unknown): NonNullable<FileReport['error']> => ({
  message: messageOf(error),
  ...(error instanceof AgentError && error.remedy !== undefined ? { remedy: error.remedy } : {}),
})

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

/**
 * One recorded file, whatever it is, read a piece at a time. What can't be read is told in the report,
 * never thrown.
 */
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import {
  openRecordedFile,
  type RecordedFile,
  recordedFileFacts,
} from '../../platform/recordings/recorded-file.ts'
import type { AddressBook, RowFault } from '../../platform/recordings/zeek-reader.ts'
import type { FileCounts, FileSinks, RecordedFormat, RecordReader } from './formats/format.ts'
import { formatOf, headOf } from './recorded-format.ts'

/** What became of one file. */
export interface FileReport {
  readonly path: string
  /** Name of its format; `undefined` where it has none that we know. */
  readonly format?: string
  readonly counts: FileCounts
  /** The first rows that could not be read. */
  readonly faults: readonly RowFault[]
  /** Why it could not be read, or not to its end. */
  readonly error?: { readonly message: string; readonly remedy?: string }
}

export interface ReadOptions {
  readonly sinks: FileSinks
  readonly intern: AddressBook
  /** IANA zone of stamps that name none. */
  readonly timeZone: string
  /** What it is, where a person told. */
  readonly format?: RecordedFormat | undefined
}

/** A file in the middle of being read. */
export interface OpenFile {
  /** Of the last event that it told; below all before the first. */
  readonly atMs: EpochMs
  readonly readBytes: number
  readonly report: FileReport
  /** Reads on; false when it is over, however it ended. */
  step(): Promise<boolean>
}

export function openFile(path: string, options: ReadOptions): OpenFile {
  let atMs = Number.NEGATIVE_INFINITY
  const sinks: FileSinks = {
    ...options.sinks,
    event(host, event) {
      atMs = event.atMs
      options.sinks.event(host, event)
    },
  }
  let file: RecordedFile | undefined
  let format: RecordedFormat | undefined
  let reader: RecordReader | undefined
  let error: FileReport['error']

  function begin(head: Buffer): RecordReader | undefined {
    format = options.format ?? formatOf(headOf(path, head))
    const { intern, timeZone } = options
    const modifiedMs = recordedFileFacts(path)?.modifiedMs ?? 0
    return format?.open({ sinks, path, modifiedMs, timeZone, intern })
  }

  function take(bytes: Buffer): boolean {
    reader ??= begin(bytes)
    reader?.push(bytes)
    return reader !== undefined && reader.refusal === undefined
  }

  async function end(): Promise<false> {
    if (error === undefined) {
      reader?.end()
      const refusal = reader === undefined ? unknownFile(file?.readBytes ?? 0) : reader.refusal
      if (refusal !== undefined) error = { message: `${path}: ${refusal}`, remedy: REFUSED_REMEDY }
    }
    await file?.close()
    return false
  }

  return {
    get atMs() {
      return atMs
    },
    get readBytes() {
      return file?.readBytes ?? 0
    },
    get report() {
      return {
        path,
        ...(format && { format: format.name }),
        counts: reader?.counts ?? NOTHING,
        faults: reader?.faults ?? [],
        ...(error && { error }),
      }
    },
    async step() {
      try {
        file ??= await openRecordedFile(path, take)
        return (await file.step()) || (await end())
      } catch (cause) {
        // What was unpacked before the damage counts; the row that it cut in two does not.
        error = errorOf(cause)
        return end()
      }
    },
  }
}

const NOTHING: FileCounts = { rows: 0, connections: 0, names: 0, ignored: 0, malformed: 0 }

const unknownFile = (bytes: number): string =>
  bytes === 0 ? 'nothing in it' : 'no recording of a kind that is known'

const REFUSED_REMEDY = '`agent hunt --help` names those that are'

const errorOf = (error: unknown): NonNullable<FileReport['error']> => ({
  message: messageOf(error),
  ...(error instanceof AgentError && error.remedy !== undefined ? { remedy: error.remedy } : {}),
})

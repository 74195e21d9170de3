/**
 * One recorded file, whatever it is: connections and names of Zeek's go to one sink, events of Windows
 * hosts to the other. What can't be read is told in the report, never thrown.
 */
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { Event } from '../../platform/event.ts'
import { evtxReader } from '../../platform/recordings/evtx-reader.ts'
import { readRecordedFile } from '../../platform/recordings/recorded-file.ts'
import { windowsLinesReader } from '../../platform/recordings/windows-json-reader.ts'
import {
  type AddressBook,
  type RowFault,
  type ZeekCounts,
  type ZeekSink,
  zeekReader,
} from '../../platform/recordings/zeek-reader.ts'
import { windowsEvents } from '../../platform/windows/windows-events.ts'
import type { WindowsRecord } from '../../platform/windows/windows-record.ts'
import { formatOf } from './recorded-format.ts'

export interface FileSinks extends ZeekSink {
  event(host: string, event: Event): void
}

/** What became of one file. */
export interface FileReport {
  readonly path: string
  readonly counts: ZeekCounts
  /** The first rows that could not be read. */
  readonly faults: readonly RowFault[]
  /** Why it could not be read, or not to its end. */
  readonly error?: { readonly message: string; readonly remedy?: string }
}

/** Any reader of a format. */
interface Reader {
  readonly counts: ZeekCounts
  readonly faults: readonly RowFault[]
  readonly refusal: string | undefined
  push(chunk: Buffer): void
  end(): void
}

/** @param tell bytes from disk and rows so far */
export async function readFile(
  path: string,
  sinks: FileSinks,
  intern: AddressBook,
  tell: (bytes: number, rows: number) => void,
): Promise<FileReport> {
  let reader: Reader | undefined
  const zeek = (): Reader => zeekReader(sinks, intern)
  const report = ({ counts, faults }: Reader): FileReport => ({ path, counts, faults })
  try {
    await readRecordedFile(path, {
      chunk(chunk) {
        reader ??= readerOf(chunk, sinks, zeek)
        reader.push(chunk)
        return reader.refusal === undefined
      },
      progress: (readBytes) => tell(readBytes, reader?.counts.rows ?? 0),
    })
    reader ??= zeek()
    reader.end()
  } catch (error) {
    // What was unpacked before the damage counts; the row that it cut in two does not.
    return { ...report(reader ?? zeek()), error: errorOf(error) }
  }
  const { refusal } = reader
  if (refusal === undefined) return report(reader)
  return { ...report(reader), error: { message: `${path}: ${refusal}`, remedy: REFUSED_REMEDY } }
}

const REFUSED_REMEDY =
  'give a Zeek conn.log or dns.log with its header, an EVTX file, or a Windows event log as JSON lines'

function readerOf(head: Buffer, sinks: FileSinks, zeek: () => Reader): Reader {
  switch (formatOf(head)) {
    case 'evtx':
      return evtxEvents(sinks)
    case 'windows-lines':
      return windowsLines(sinks)
    default:
      return zeek()
  }
}

/** Hands on the events of records, and counts what became of each. */
function windowsSink(sinks: FileSinks) {
  const windows = windowsEvents()
  const counts = { connections: 0, names: 0, ignored: 0, malformed: 0 }
  return {
    counts,
    take(record: WindowsRecord): void {
      const event = windows.read(record)
      if (typeof event === 'string') counts[event]++
      else {
        if (event.kind === 'connection') counts.connections++
        if (event.kind === 'name-resolved') counts.names++
        sinks.event(record.computer ?? '', event)
      }
    },
  }
}

function evtxEvents(sinks: FileSinks): Reader {
  const { counts, take } = windowsSink(sinks)
  const reader = evtxReader(take)
  return {
    get counts() {
      const { records, malformed, missed } = reader.counts
      const lost = malformed + missed
      return { ...counts, rows: records + lost, malformed: counts.malformed + lost }
    },
    // A record has no line; how many there are is told.
    faults: [],
    get refusal() {
      return reader.refusal
    },
    push: reader.push,
    end: reader.end,
  }
}

function windowsLines(sinks: FileSinks): Reader {
  const { counts, take } = windowsSink(sinks)
  const reader = windowsLinesReader(take)
  return {
    get counts() {
      const { rows, ignored, malformed } = reader.counts
      return {
        ...counts,
        rows,
        ignored: counts.ignored + ignored,
        malformed: counts.malformed + malformed,
      }
    },
    faults: reader.faults,
    refusal: undefined,
    push: reader.push,
    end: reader.end,
  }
}

const errorOf = (error: unknown): NonNullable<FileReport['error']> => ({
  message: messageOf(error),
  ...(error instanceof AgentError && error.remedy !== undefined ? { remedy: error.remedy } : {}),
})

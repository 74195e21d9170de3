/**
 * What a recorded format is to the hunt: how it is told by its first bytes, and what reads it. A new
 * format is a file beside this one and a row in `formats.ts`.
 */
import type { EpochMs, Event } from '../../../platform/event.ts'
import type { AddressBook, RowFault, ZeekSink } from '../../../platform/recordings/zeek-reader.ts'

export interface RecordedFormat {
  /** As `--format` names it. */
  readonly name: string
  /** One line for `--help`. */
  readonly description: string
  /** Whether files begin like this. Asked in the order of the registry: the stricter ones first. */
  is(head: FileHead): boolean
  open(context: ReaderContext): RecordReader
}

/** The first bytes of a file, unpacked: as much as came at once. */
export interface FileHead {
  readonly path: string
  readonly bytes: Buffer
  /** A character a byte, without a byte order mark and what is blank before the first line. */
  readonly text: string
  /** The lines that are whole and not blank, at most a few. */
  readonly lines: readonly string[]
}

export interface ReaderContext {
  readonly sinks: FileSinks
  readonly path: string
  /** When the file was last written: dates stamps that name no year. */
  readonly modifiedMs: EpochMs
  /** IANA zone of stamps that name none. */
  readonly timeZone: string
  readonly intern: AddressBook
}

/** Where records go: connections and names of a network, or what a host told of itself. */
export interface FileSinks extends ZeekSink {
  /** @param host its name; empty where the record names none */
  event(host: string, event: Event): void
}

export interface FileCounts {
  /** All records; what is none of the others told of something else than a connection or a name. */
  readonly rows: number
  readonly connections: number
  readonly names: number
  /** In good order, and of no use. */
  readonly ignored: number
  readonly malformed: number
  /** Not in the file, by the numbering of what is: told apart, since filters leave gaps, too. */
  readonly missing?: number
}

/** Reads one file. Pure but for its own state: bytes in, records to the sinks. */
export interface RecordReader {
  readonly counts: FileCounts
  /** The first records that could not be read. */
  readonly faults: readonly RowFault[]
  /** Why it is none of this format after all; the rest of it is of no use then. */
  readonly refusal: string | undefined
  push(chunk: Buffer): void
  end(): void
}

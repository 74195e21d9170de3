/**
 * EVTX, the file form of a Windows event log, from bytes to records, one chunk of 64 KiB at a time.
 * Pure but for its own state.
 *
 * Headers are not believed: those of a log that was copied while in use, or never closed, are stale.
 * Chunks are walked to the end of the file and records to the end of their chunk; checksums are not
 * looked at. Past damage the walk goes on at the next record that looks sound, and what is missing
 * by the chunk's own numbering is counted.
 */
import { type EvtxRecord, type EvtxRecordReader, evtxRecordReader } from './evtx-record.ts'

export interface EvtxCounts {
  /** Read and handed on. */
  records: number
  /** Found, but making no sense. */
  malformed: number
  /** Not found, by the numbering of their chunk. */
  missed: number
  chunks: number
  /** Chunks with nothing readable in them where something should be. */
  badChunks: number
}

export interface EvtxReader {
  readonly counts: Readonly<EvtxCounts>
  /** Why it is no EVTX file; the rest of it is of no use then. */
  readonly refusal: string | undefined
  push(bytes: Buffer): void
  /** A file may end in the middle of a chunk. */
  end(): void
}

const CHUNK_BYTES = 1 << 16
const FILE_HEADER_BYTES = 4096
const FILE_MAGIC = Buffer.from('ElfFile\0', 'latin1')
const CHUNK_MAGIC = Buffer.from('ElfChnk\0', 'latin1')
const RECORD_MAGIC = Buffer.from('**\0\0', 'latin1')
/** Header, table of names, table of templates. */
const FIRST_RECORD_AT = 512
/** Header and the size again, with nothing between. */
const MIN_RECORD_BYTES = 28
/** More than fit into a chunk: the header is damaged. */
const MAX_CHUNK_RECORDS = CHUNK_BYTES / MIN_RECORD_BYTES

/** Whether the first bytes of a file make it EVTX. */
export const isEvtx = (head: Buffer): boolean =>
  startsWith(head, FILE_MAGIC) || startsWith(head, CHUNK_MAGIC)

/**
 * @param hand takes each record; what it keeps of it must be copied, since the chunk is used again.
 *   One whose fields can't be read throws a RangeError as they are asked for, and is malformed.
 */
export function evtxReader(hand: (record: EvtxRecord) => void): EvtxReader {
  const counts = { records: 0, malformed: 0, missed: 0, chunks: 0, badChunks: 0 }
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let filled = 0
  /** Of the file's header, still to be passed over; unknown until its first bytes are here. */
  let toSkip: number | undefined
  let refusal: string | undefined

  function begin(head: Buffer): void {
    if (startsWith(head, FILE_MAGIC)) toSkip = FILE_HEADER_BYTES
    // Chunks without a file around them, as they are carved from a disk.
    else if (startsWith(head, CHUNK_MAGIC)) toSkip = 0
    else refusal = 'no EVTX file: it does not begin with ElfFile'
  }

  function take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (toSkip !== undefined && toSkip > 0) {
        const skipped = Math.min(toSkip, bytes.length - at)
        toSkip -= skipped
        at += skipped
        continue
      }
      const copied = bytes.copy(chunk, filled, at)
      filled += copied
      at += copied
      if (filled === CHUNK_BYTES) endChunk()
    }
  }

  function endChunk(): void {
    const bytes = chunk.subarray(0, filled)
    filled = 0
    counts.chunks++
    const before = counts.records + counts.malformed
    walkChunk(bytes, readInto(evtxRecordReader(bytes)))
    const found = counts.records + counts.malformed - before
    const expected = expectedRecords(bytes)
    // Room that was allotted and never used holds anything, but none of our marks.
    if (found === 0 && (startsWith(bytes, CHUNK_MAGIC) || bytes.includes(RECORD_MAGIC))) {
      counts.badChunks++
    }
    counts.missed += Math.max(0, expected - found)
  }

  const readInto =
    (reader: EvtxRecordReader) =>
    (at: number, end: number): void => {
      try {
        hand(reader.read(at, end))
        counts.records++
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        counts.malformed++
      }
    }

  /** The first bytes of a file, until there are enough to tell what it is. */
  let head: Buffer = Buffer.alloc(0)

  return {
    counts,
    get refusal() {
      return refusal
    },
    push(bytes) {
      if (refusal !== undefined) return
      if (toSkip !== undefined) {
        take(bytes)
        return
      }
      head = Buffer.concat([head, bytes])
      if (head.length < FILE_MAGIC.length) return
      begin(head)
      if (refusal === undefined) take(head)
      head = Buffer.alloc(0)
    },
    end() {
      if (refusal === undefined && toSkip === undefined) refusal = 'no EVTX file: nothing in it'
      if (refusal === undefined && filled > 0) endChunk()
    },
  }
}

/** How many records the header of a chunk tells of; 0 where it tells nothing that could be so. */
function expectedRecords(chunk: Buffer): number {
  if (chunk.length < FIRST_RECORD_AT || !startsWith(chunk, CHUNK_MAGIC)) return 0
  const count = Number(chunk.readBigUInt64LE(16) - chunk.readBigUInt64LE(8)) + 1
  return count > 0 && count < MAX_CHUNK_RECORDS ? count : 0
}

/**
 * Finds each record of a chunk. Where the header says that they end, records of an earlier use of the
 * chunk, or of the log that this one was exported from, may follow: from there on one counts only
 * where it is the next by its number.
 */
function walkChunk(chunk: Buffer, found: (at: number, end: number) => void): void {
  if (chunk.length < FIRST_RECORD_AT) return
  const toldEnd = startsWith(chunk, CHUNK_MAGIC) ? chunk.readUInt32LE(48) : chunk.length
  let last = -1n
  for (let at = FIRST_RECORD_AT; at >= 0 && at + MIN_RECORD_BYTES <= chunk.length; ) {
    const size = recordSize(chunk, at)
    if (size === undefined) {
      if (at >= toldEnd) return
      at = chunk.indexOf(RECORD_MAGIC, at + 1)
      continue
    }
    const id = chunk.readBigUInt64LE(at + 8)
    if (at >= toldEnd && last >= 0n && id !== last + 1n) return
    found(at, at + size)
    last = id
    at += size
  }
}

/** `undefined` where no sound record stands: its size is told at both of its ends. */
function recordSize(chunk: Buffer, at: number): number | undefined {
  if (chunk.readUInt32LE(at) !== RECORD_MAGIC.readUInt32LE(0)) return undefined
  const size = chunk.readUInt32LE(at + 4)
  if (size < MIN_RECORD_BYTES || at + size > chunk.length) return undefined
  return chunk.readUInt32LE(at + size - 4) === size ? size : undefined
}

const startsWith = (bytes: Buffer, magic: Buffer): boolean =>
  bytes.length >= magic.length && bytes.subarray(0, magic.length).equals(magic)

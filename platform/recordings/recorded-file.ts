/**
 * Reads a recorded file, plain or compressed, a piece at a time, and hands on its bytes in order.
 *
 * What it is compressed with is read from its first bytes: names lie. A file that is cut off or
 * damaged hands on all that could be unpacked before it fails, so that its sound part counts. Bytes
 * are handed to a function and not iterated over: an iterator drops what it holds when its stream fails.
 * gzip: RFC 1952; zstd: RFC 8878.
 */
import { statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { codeOf, messageOf, SourceError } from '../errors.ts'
import type { EpochMs } from '../event.ts'

/** Read from disk at once: large enough that a call costs nothing beside the work on its bytes. */
const CHUNK_BYTES = 1 << 18

export interface RecordedFile {
  /** Of the file on disk, so far. */
  readonly readBytes: number
  /**
   * Reads the next piece and hands on what it holds.
   * @returns false when all is handed on
   * @throws {SourceError} when the file can't be read or is damaged
   */
  step(): Promise<boolean>
  close(): Promise<void>
}

/** @param take the next bytes, unpacked, used again after the call; false: the rest is of no use */
export async function openRecordedFile(
  path: string,
  take: (bytes: Buffer) => boolean,
): Promise<RecordedFile> {
  const file = await open(path).catch((cause) => {
    throw unreadable(path, cause)
  })
  const piece = Buffer.allocUnsafe(CHUNK_BYTES)
  let unpack: Unpacker | undefined
  let readBytes = 0
  let isOver = false
  const hand = (bytes: Buffer): void => {
    isOver ||= !take(bytes)
  }
  return {
    get readBytes() {
      return readBytes
    },
    async step() {
      const bytes = await readInto(piece, file, path)
      if (readBytes === 0) unpack = unpackerOf(bytes, path, hand)
      readBytes += bytes.length
      if (bytes.length === 0) {
        await unpack?.end()
        return false
      }
      if (unpack === undefined) hand(bytes)
      else await unpack.write(bytes)
      return !isOver
    },
    close: () => file.close(),
  }
}

/** What is told of a file before it is read; `undefined` where that can't be. */
export function recordedFileFacts(
  path: string,
):
  | { readonly bytes: number; readonly modifiedMs: EpochMs; readonly isRegular: boolean }
  | undefined {
  const facts = statSync(path, { throwIfNoEntry: false })
  return facts && { bytes: facts.size, modifiedMs: facts.mtimeMs, isRegular: facts.isFile() }
}

/** A pipe gives less at a time than is asked for: one call of read is one piece. */
async function readInto(piece: Buffer, file: FileHandle, path: string): Promise<Buffer> {
  try {
    const { bytesRead } = await file.read(piece, 0, piece.length, null)
    return piece.subarray(0, bytesRead)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

interface Unpacker {
  write(bytes: Buffer): Promise<void>
  end(): Promise<void>
}

function unpackerOf(
  head: Buffer,
  path: string,
  hand: (bytes: Buffer) => void,
): Unpacker | undefined {
  const compression = compressionOf(head)
  if (compression === undefined) return undefined
  const stream = UNPACKERS[compression]()
  const fail = (cause: unknown): never => {
    throw damaged(path, compression, cause)
  }
  // Told to whoever writes or waits for the end.
  stream.on('error', () => {})
  stream.on('data', hand)
  return {
    write: (bytes) =>
      new Promise<void>((resolve, reject) =>
        stream.write(bytes, (error) => (error ? reject(error) : resolve())),
      ).catch(fail),
    end: () => {
      stream.end()
      return finished(stream).catch(fail)
    },
  }
}

const UNPACKERS = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES }),
}

function compressionOf(head: Buffer): keyof typeof UNPACKERS | undefined {
  if (head.length < 4) return undefined
  if (head.readUInt16BE(0) === 0x1f8b) return 'gzip'
  return head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined
}

const REMEDIES: Record<string, readonly [what: string, remedy: string]> = {
  ENOENT: ['no such file', 'check the path'],
  EACCES: ['permission denied', 'run as a user who may read it'],
  EISDIR: ['is a folder', 'name the files in it'],
}

function unreadable(path: string, cause: unknown): SourceError {
  const [what, remedy] = REMEDIES[codeOf(cause) ?? ''] ?? [messageOf(cause), 'check the disk']
  return new SourceError(`${path}: ${what}`, { cause, remedy })
}

function damaged(path: string, compression: string, cause: unknown): SourceError {
  return new SourceError(`${path}: damaged or cut off (${compression}: ${messageOf(cause)})`, {
    cause,
    remedy: 'copy it again; what came before the damage was used',
  })
}

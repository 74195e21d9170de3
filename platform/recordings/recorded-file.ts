/**
 * Reads a recorded file in one pass, plain or compressed, and hands on its bytes in order.
 *
 * What it is compressed with is read from its first bytes: names lie. A file that is cut off or
 * damaged hands on all that could be unpacked before it fails, so that its sound part counts. Chunks
 * are handed to a function and not iterated over: an iterator drops what it holds when its stream fails.
 * gzip: RFC 1952; zstd: RFC 8878.
 */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { codeOf, messageOf, SourceError } from '../errors.ts'

/** Read from disk at once: large enough that a call costs nothing beside the work on its bytes. */
const CHUNK_BYTES = 1 << 18

export interface RecordedFileSink {
  /** The next bytes, unpacked. `false` ends the reading: the rest is of no use. */
  chunk(bytes: Buffer): boolean
  /** Bytes taken from disk so far, for progress. */
  progress?(readBytes: number): void
}

/**
 * Resolves when all is handed on.
 * @throws {SourceError} when the file can't be read or is damaged
 */
export async function readRecordedFile(path: string, sink: RecordedFileSink): Promise<void> {
  const compression = compressionOf(path)
  await new Promise<void>((resolve, reject) => {
    const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
    const unpack = compression === undefined ? undefined : UNPACKERS[compression]()
    const stop = (then: () => void): void => {
      file.destroy()
      unpack?.destroy()
      then()
    }
    const bytes = unpack === undefined ? file : file.pipe(unpack)
    file.on('error', (cause) => stop(() => reject(unreadable(path, cause))))
    unpack?.on('error', (cause) => stop(() => reject(damaged(path, compression ?? '', cause))))
    bytes.on('data', (chunk: Buffer) => {
      sink.progress?.(file.bytesRead)
      if (!sink.chunk(chunk)) stop(resolve)
    })
    bytes.on('end', resolve)
  })
}

const UNPACKERS = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES }),
}

function compressionOf(path: string): keyof typeof UNPACKERS | undefined {
  const head = Buffer.alloc(4)
  try {
    const file = openSync(path, 'r')
    try {
      readSync(file, head, 0, head.length, 0)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw unreadable(path, cause)
  }
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

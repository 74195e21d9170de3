/**
 * Follows a log file as it grows, through rotation (rename and create), copy-and-truncate and a
 * restart of the agent. Polls: a look costs two `stat`, and inotify loses events on some mounts.
 *
 * What it cannot see: bytes that were written and rotated away out of reach (compressed, deleted, cut
 * off) while nobody looked. That is told as `isBroken`, and is a loss event for the caller.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../collector.ts'
import { codeOf, SourceError } from '../errors.ts'
import { lineSplitter } from './lines.ts'

/** Read at once; bounds the memory of a look at a file that has grown much. */
const CHUNK_BYTES = 256 * 1024
const LINE_FEED = 0x0a
/** Read again before what is new: where they differ, another text stands there, longer than before. */
const OVERLAP_BYTES = 64
/** What logrotate and newsyslog put behind the name. What is compressed can't be followed. */
const ROTATED = /^(?:[.-]\d[\d.-]*|\.old)$/

export interface TailOptions {
  readonly path: string
  readonly clock: Clock
  /** Time between looks, ms. */
  readonly pollMs: number
  /** Where to go on: the `position` of an earlier chunk. */
  readonly position?: string
  /** Where to begin without a position: `end` skips what is there. */
  readonly from: 'start' | 'end'
  readonly encoding?: 'utf8' | 'latin1'
}

export interface TailChunk {
  readonly lines: readonly string[]
  /** Where the next line begins, for a later start. */
  readonly position: string
  /** Some lines before these are out of reach: rotated away, or cut off by a truncation. */
  readonly isBroken: boolean
  /** All that is written has been read; the next chunk needs a wait. */
  readonly isAtEnd: boolean
}

/**
 * Yields chunks until `signal` aborts; a chunk without lines where nothing was written.
 * @throws {SourceError} when the file is missing at start or can't be read. A file that is missing
 *   later (between rename and create) is waited for.
 */
export async function* tail(options: TailOptions, signal: AbortSignal): AsyncGenerator<TailChunk> {
  const { path, clock, pollMs, encoding = 'utf8' } = options
  let current = await readable(path, () => openFirst(options))
  try {
    for await (const _ of clock.ticks(pollMs, signal)) {
      while (!signal.aborted) {
        // Looked for before the old file is read: whoever has written to the next one has left the
        // old one, so that what is then read of it is all there will be.
        const next = await readable(path, () => successor(path, current.inode))
        const chunk = await readable(path, () => current.read())
        if (signal.aborted) return
        if (next === undefined || !chunk.isAtEnd) {
          yield chunk
          if (chunk.isAtEnd) break
          continue
        }
        yield { ...chunk, lines: [...chunk.lines, ...current.rest()], isAtEnd: false }
        const opened = await readable(path, () => openAt(next, 0, encoding))
        await current.close()
        current = opened
      }
      if (signal.aborted) return
    }
  } finally {
    await current.close()
  }
}

interface OpenFile {
  readonly inode: string
  read(): Promise<TailChunk>
  /** The unfinished last line, of a file that will not grow. */
  rest(): string[]
  close(): Promise<void>
}

/** A place in a file is its inode and the byte offset of the next line. */
const PLACE = /^(\d+):(\d+)$/

async function openFirst({ path, position, from, encoding = 'utf8' }: TailOptions) {
  const [, inode, offset] = PLACE.exec(position ?? '') ?? []
  if (inode === undefined) {
    return openAt(path, from === 'start' ? 0 : Number((await stat(path)).size), encoding)
  }
  const file = (await family(path)).find((sibling) => sibling.inode === inode)
  if (file === undefined) return openAt(path, 0, encoding, 'lost')
  return openAt(file.path, Number(offset), encoding, 'saved')
}

/**
 * @param place whether `from` is where we stand, was `saved` by an earlier run, or is a start anew
 *   because the place is `lost`
 */
async function openAt(
  path: string,
  from: number,
  encoding: 'utf8' | 'latin1',
  place: 'known' | 'saved' | 'lost' = 'known',
): Promise<OpenFile> {
  const file = await open(path, 'r')
  const { ino, size } = await file.stat({ bigint: true })
  const inode = String(ino)
  let splitter = lineSplitter(undefined, encoding)
  let overlap = await lastBefore(file, from)
  // Guards against an inode that was given to another file, and one that was cut while we were away.
  const isElsewhere = from > size || (from < size && from > 0 && overlap.at(-1) !== LINE_FEED)
  let isBroken = place === 'lost' || (place === 'saved' && isElsewhere)
  let offset = from
  if (isBroken) startAnew()
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)

  function startAnew(): void {
    offset = 0
    overlap = Buffer.alloc(0)
    splitter = lineSplitter(undefined, encoding)
    isBroken = true
  }

  async function readNew(): Promise<Buffer> {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset - overlap.length)
    const isSame = bytesRead >= overlap.length && buffer.subarray(0, overlap.length).equals(overlap)
    if (isSame) return buffer.subarray(overlap.length, bytesRead)
    startAnew()
    return buffer.subarray(0, (await file.read(buffer, 0, buffer.length, 0)).bytesRead)
  }

  return {
    inode,
    async read() {
      const bytes = await readNew()
      offset += bytes.length
      const lines = splitter.push(bytes)
      if (bytes.length > 0) overlap = lastBytes(overlap, bytes)
      const isAtEnd = bytes.length < buffer.length - OVERLAP_BYTES
      const position = `${inode}:${offset - splitter.pendingBytes}`
      const chunk = { lines, position, isBroken, isAtEnd }
      isBroken = false
      return chunk
    },
    rest() {
      const line = splitter.flush()
      return line === undefined ? [] : [line]
    },
    close: () => closeQuietly(file),
  }
}

async function lastBefore(file: FileHandle, offset: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(Math.min(offset, OVERLAP_BYTES))
  const { bytesRead } = await file.read(bytes, 0, bytes.length, offset - bytes.length)
  return bytes.subarray(0, bytesRead)
}

const lastBytes = (before: Buffer, bytes: Buffer): Buffer<ArrayBuffer> =>
  Buffer.concat([before, bytes.subarray(-OVERLAP_BYTES)]).subarray(-OVERLAP_BYTES)

const closeQuietly = (file: FileHandle): Promise<void> => file.close().catch(() => undefined)

interface Sibling {
  readonly path: string
  readonly inode: string
  readonly size: number
  readonly modifiedNs: bigint
}

/**
 * The file to read after the one of `inode`: the oldest that is written to since. `undefined` as long
 * as none has a byte: logrotate makes the new file before the writer is told to leave the old one.
 */
async function successor(path: string, inode: string): Promise<string | undefined> {
  const now = await sibling(path)
  if (now?.inode === inode) return undefined
  const files = await family(path)
  const own = files.find((file) => file.inode === inode)
  const since = own?.modifiedNs ?? 0n
  const isBetween = (file: Sibling) => file !== own && file.modifiedNs > since && file.size > 0
  // Without its own file (deleted) nothing tells which of the rotated ones came after it.
  const later = own === undefined ? [] : files.filter(isBetween)
  const next = later.sort((a, b) => (a.modifiedNs < b.modifiedNs ? -1 : 1))[0]
  return (next ?? (now !== undefined && now.size > 0 ? now : undefined))?.path
}

/** The file and those that rotation left beside it. */
async function family(path: string): Promise<Sibling[]> {
  const name = basename(path)
  const isKin = (other: string) =>
    other === name || (other.startsWith(name) && ROTATED.test(other.slice(name.length)))
  const names = (await readdir(dirname(path))).filter(isKin)
  const found = await Promise.all(names.map((other) => sibling(join(dirname(path), other))))
  return found.filter((file) => file !== undefined)
}

async function sibling(path: string): Promise<Sibling | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return { path, inode: String(ino), size: Number(size), modifiedNs: mtimeNs }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const code = codeOf(cause)
    const remedy =
      code === 'EACCES' ? 'run as root, or as a member of the group that may read it' : ''
    throw new SourceError(`${path}: ${code ?? 'cannot be read'}`, {
      cause,
      ...(remedy === '' ? {} : { remedy }),
    })
  }
}

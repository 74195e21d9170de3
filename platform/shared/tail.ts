/**
 * Follows a log file as it grows, through rotation (rename and create), copy-and-truncate and a
 * restart of the agent. Polls: a look costs one `stat`, and inotify loses events on some mounts.
 *
 * What it cannot see: bytes that were written and rotated away out of reach while nobody looked.
 * That is told as `isBroken`, and is a loss event for the caller.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../collector.ts'
import { codeOf, SourceError } from '../errors.ts'
import { type LineSplitter, lineSplitter } from './lines.ts'

/** Read at once; bounds the memory of a look at a file that has grown much. */
const CHUNK_BYTES = 256 * 1024

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

/** A place in a file: inode and byte offset of the next line. */
interface Place {
  readonly inode: string
  readonly offset: number
}

/**
 * Yields chunks until `signal` aborts; a chunk without lines where nothing was written.
 * @throws {SourceError} when the file is missing at start or can't be read. A file that is missing
 *   later (between rename and create) is waited for.
 */
export async function* tail(options: TailOptions, signal: AbortSignal): AsyncGenerator<TailChunk> {
  const { path, clock, pollMs } = options
  let current = await openFirst(options)
  try {
    for await (const _ of clock.ticks(pollMs, signal)) {
      for (;;) {
        const chunk = await current.read()
        const isRotated = chunk.isAtEnd && (await inodeOf(path)) !== current.inode
        if (!isRotated) {
          yield chunk
          if (chunk.isAtEnd || signal.aborted) break
          continue
        }
        // What was written between our read and the rename is still behind the old handle.
        const rest = await current.read(true)
        yield {
          ...rest,
          lines: [...chunk.lines, ...rest.lines],
          isBroken: chunk.isBroken || rest.isBroken,
        }
        const next = await openNew(path)
        if (next === undefined) break
        await current.close()
        current = next
      }
      if (signal.aborted) return
    }
  } finally {
    await current.close()
  }
}

interface OpenFile {
  readonly inode: string
  /** @param isLast hands out an unfinished last line too */
  read(isLast?: boolean): Promise<TailChunk>
  close(): Promise<void>
}

async function openFirst({ path, position, from, encoding }: TailOptions): Promise<OpenFile> {
  const place = position === undefined ? undefined : parsePlace(position)
  try {
    if (place === undefined) return await openAt(path, from, encoding)
    if ((await inodeOf(path)) === place.inode) return await openAt(path, place.offset, encoding)
    const rotated = await findByInode(path, place.inode)
    if (rotated !== undefined) return await openAt(rotated, place.offset, encoding)
    return await openAt(path, 'start', encoding, true)
  } catch (cause) {
    throw new SourceError(`${path}: ${codeOf(cause) ?? 'cannot be read'}`, { cause })
  }
}

async function openNew(path: string): Promise<OpenFile | undefined> {
  try {
    return await openAt(path, 'start')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new SourceError(`${path}: ${codeOf(error) ?? 'cannot be read'}`, { cause: error })
  }
}

async function openAt(
  path: string,
  from: number | 'start' | 'end',
  encoding: 'utf8' | 'latin1' = 'utf8',
  isBrokenAtStart = false,
): Promise<OpenFile> {
  const file = await open(path, 'r')
  const { ino, size } = await file.stat({ bigint: true })
  const inode = String(ino)
  let offset = from === 'start' ? 0 : from === 'end' ? Number(size) : from
  let splitter = lineSplitter(undefined, encoding)
  let isBroken = isBrokenAtStart
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)

  return {
    inode,
    async read(isLast = false) {
      const isCut = Number((await file.stat()).size) < offset
      if (isCut) {
        offset = 0
        splitter = lineSplitter(undefined, encoding)
        isBroken = true
      }
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
      offset += bytesRead
      const lines = splitter.push(buffer.subarray(0, bytesRead))
      const isAtEnd = bytesRead < buffer.length
      if (isLast) lines.push(...unfinished(splitter))
      const chunk = {
        lines,
        position: `${inode}:${offset - splitter.pendingBytes}`,
        isBroken,
        isAtEnd,
      }
      isBroken = false
      return chunk
    },
    close: () => closeQuietly(file),
  }
}

const unfinished = (splitter: LineSplitter): string[] => {
  const rest = splitter.flush()
  return rest === undefined ? [] : [rest]
}

const closeQuietly = (file: FileHandle): Promise<void> => file.close()

function parsePlace(position: string): Place | undefined {
  const match = /^(\d+):(\d+)$/.exec(position)
  return match ? { inode: match[1] as string, offset: Number(match[2]) } : undefined
}

async function inodeOf(path: string): Promise<string | undefined> {
  try {
    return String((await stat(path, { bigint: true })).ino)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** logrotate leaves the last file beside the new one, as `syslog.1` or `syslog-20261124`. */
async function findByInode(path: string, inode: string): Promise<string | undefined> {
  const folder = dirname(path)
  const names = (await readdir(folder)).filter((name) => name.startsWith(basename(path)))
  for (const name of names) {
    if ((await inodeOf(join(folder, name))) === inode) return join(folder, name)
  }
  return undefined
}

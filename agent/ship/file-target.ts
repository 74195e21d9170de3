/**
 * An output that is a file, for shippers that tail: a document a line, health and alerts together
 * (`event.dataset` tells them apart). A batch is on the disk before it counts as taken.
 *
 * At its bound the file is renamed to `.1`, that to `.2`, and so on: who follows by inode reads on to
 * the end. Of a batch that did not fit on the disk nothing stays. A link at the path is refused: the
 * agent is root, and must not be led to write elsewhere.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { codeOf, messageOf } from '../../platform/errors.ts'
import { lines, type Target, type Verdict } from './verdict.ts'

export interface FileTargetOptions {
  readonly path: string
  /** Of one file; a batch is never torn apart. */
  readonly maxBytes: number
  /** With the one that is written. */
  readonly maxFiles: number
}

/** Its group may read: who owns the folder decides which group that is. */
const MODE = 0o640
const NEW_LINE = 10
const FLAGS =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

export function fileTarget({ path, maxBytes, maxFiles }: FileTargetOptions): Target {
  return {
    place: () => path,
    async send(_stream, parcels): Promise<Verdict> {
      try {
        const text = lines(parcels)
        await rotate(Buffer.byteLength(text))
        await append(text)
        return { kind: 'answered', taken: parcels, rejected: [], suspected: [] }
      } catch (error) {
        if (codeOf(error) === undefined) throw error
        return { kind: 'unavailable', reason: `${path}: ${reasonOf(error)}` }
      }
    },
    async close() {},
  }

  async function rotate(moreBytes: number): Promise<void> {
    const size = await sizeOf(path)
    if (size === 0 || size + moreBytes <= maxBytes) return
    if (maxFiles === 1) return rm(path)
    for (let n = maxFiles - 1; n > 1; n--) await moveIfThere(`${path}.${n - 1}`, `${path}.${n}`)
    await rename(path, `${path}.1`)
  }

  async function append(text: string): Promise<void> {
    const file = await open(path, FLAGS, MODE)
    try {
      const { size } = await file.stat()
      try {
        // A power cut may have left half a line: what follows must not become part of it.
        await file.appendFile((await endsWithLine(file, size)) ? text : `\n${text}`)
        await file.datasync()
      } catch (error) {
        await file.truncate(size).catch(() => {})
        throw error
      }
    } finally {
      await file.close()
    }
  }
}

async function endsWithLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === NEW_LINE
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0
    throw error
  }
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no room on the disk',
  EACCES: 'may not be written',
  ELOOP: 'is a link, which the agent does not follow',
  ENOENT: 'its folder does not exist',
}
const reasonOf = (error: unknown): string => REASONS[codeOf(error) ?? ''] ?? messageOf(error)

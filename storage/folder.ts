/**
 * The folder that the database lives in: made 0700, its file 0600, and one agent at a time.
 *
 * The lock is an exclusive SQLite transaction on a file of its own. The operating system drops it
 * with the process, however it ends, on every platform, and the database itself stays open to
 * readers. Ours is the only process that may write here, so a folder of another user is refused.
 */
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AgentError, codeOf, messageOf } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'

const FILE_NAME = 'tidewatch.db'
const LOCK_NAME = 'tidewatch.lock'
/** What SQLite keeps beside the database, and the database itself, last. */
const SUFFIXES = ['-wal', '-shm', ''] as const

export const databasePath = (folder: string): string => join(folder, FILE_NAME)

/** Makes the folder and an empty database file where they are missing, and sets their modes. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    checkOwn(folder, 'directory')
    chmodSync(folder, 0o700)
    for (const name of [FILE_NAME, LOCK_NAME]) {
      const path = join(folder, name)
      createPrivate(path)
      checkOwn(path, 'file')
      chmodSync(path, 0o600)
    }
  } catch (error) {
    if (error instanceof AgentError) throw error
    throw unusable(folder, messageOf(error), error)
  }
}

/**
 * @param user who may own it: only a reader who is root takes another user's
 * @throws {AgentError} `ERR_STORE_FOLDER` when `path` is a link, another user's, or no such thing
 */
export function checkOwn(
  path: string,
  kind: 'directory' | 'file',
  user = process.geteuid?.(),
): void {
  const stats = lstatOf(path)
  if (stats === undefined) throw unusable(path, 'no such file or folder')
  if (stats.isSymbolicLink()) throw unusable(path, 'is a symbolic link')
  const isKind = kind === 'directory' ? stats.isDirectory() : stats.isFile()
  if (!isKind) throw unusable(path, `is not a ${kind}`)
  if (kind === 'file' && stats.nlink > 1) throw unusable(path, 'has a second (hard) link')
  if (user !== undefined && stats.uid !== user) {
    throw unusable(path, `belongs to user ${stats.uid}, and the agent runs as user ${user}`)
  }
}

/** An existing file is left alone: opening and closing it here would drop SQLite's own locks. */
function createPrivate(path: string): void {
  if (lstatOf(path) !== undefined) return
  const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW = 0 } = constants
  closeSync(openSync(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600))
}

function lstatOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function unusable(path: string, what: string, cause?: unknown): AgentError {
  return new AgentError('ERR_STORE_FOLDER', `${path}: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    remedy: 'give a folder of its own to the user that runs the agent (--data-dir)',
  })
}

/** Holds the folder until `release`, or the end of the process. */
export interface FolderLock {
  release(): void
}

/** @throws {AgentError} `ERR_STORE_LOCKED` when another agent holds the folder */
export function lockFolder(folder: string): FolderLock {
  const lock = new Database(join(folder, LOCK_NAME), { timeout: 0 })
  try {
    // Nothing is ever written to this file, so there is no journal to leave behind.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!codeOf(error)?.startsWith('SQLITE_BUSY')) throw unusable(folder, messageOf(error), error)
    throw new AgentError('ERR_STORE_LOCKED', `${folder}: another agent is using this folder`, {
      cause: error,
      remedy: 'stop it, or give this one a folder of its own (--data-dir)',
    })
  }
  return { release: () => void lock.close() }
}

/** Moves a database out of the way, with its WAL, and says where it is now. */
export function setAside(folder: string, atMs: EpochMs): string {
  const path = databasePath(folder)
  const stamp = new Date(atMs).toISOString().replaceAll(':', '').replace('.', '')
  const aside = join(folder, `tidewatch-set-aside-${stamp}.db`)
  for (const suffix of SUFFIXES) {
    if (lstatOf(path + suffix) !== undefined) renameSync(path + suffix, aside + suffix)
  }
  createPrivate(path)
  return aside
}

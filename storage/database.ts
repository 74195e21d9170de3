/**
 * Opens the store: one SQLite file in a folder of its own, or in memory.
 *
 * WAL with `synchronous = NORMAL`: a killed process loses nothing that was recorded. A power cut may
 * lose the last transactions, whole ones and in order, and never damages the file; bookmarks are in
 * those transactions, so the sources are read again from there.
 */
import { lstatSync } from 'node:fs'
import Database, { type Database as Connection } from 'better-sqlite3'
import { AgentError, codeOf, messageOf } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'
import { type Checkpoints, checkpoints, noCheckpoints } from './checkpoint.ts'
import {
  checkOwn,
  databasePath,
  type FolderLock,
  lockFolder,
  prepareFolder,
  setAside,
} from './folder.ts'
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts'
import { DEFAULT_BOUNDS, type StoreBounds, sqliteStore } from './sqlite-store.ts'
import type { Store, StoreReader } from './store.ts'
import { toStoreError } from './store-error.ts'

/** How long to wait for a reader that is just mending the WAL of a killed agent. */
const BUSY_MS = 2_000
/** Page cache: small, since the operating system caches the file as well. */
const CACHE_KIB = 8 * 1024

export interface StoreOptions extends Partial<StoreBounds> {
  /** `:memory:` keeps everything in memory, and asks nothing of the disk. */
  readonly folder: string
  /** Reads the whole file for damage first, some seconds a gigabyte: for a start after a crash. */
  readonly check?: boolean
  /**
   * Where given, a damaged or foreign file is set aside under a name with this date and a new one
   * begun; the note `set-aside` then says when, which and why: `{ atMs, what }`.
   */
  readonly setAsideMs?: EpochMs
}

/**
 * @throws {AgentError} `ERR_STORE_FOLDER`, `ERR_STORE_LOCKED` (another agent), `ERR_STORE_CORRUPT`
 *   (damaged or foreign), `ERR_STORE_NEWER`, `ERR_STORE_FULL`, `ERR_STORE_IO`
 */
export function openStore(options: StoreOptions): Store {
  const bounds = { ...DEFAULT_BOUNDS, ...options }
  if (options.folder === ':memory:') {
    const db = openWritable(':memory:', bounds, false)
    return sqliteStore(db, bounds, noCheckpoints(db), () => {})
  }
  prepareFolder(options.folder)
  const lock = lockFolder(options.folder)
  try {
    return openLocked(options, bounds, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function openLocked(options: StoreOptions, bounds: StoreBounds, lock: FolderLock): Store {
  const { folder, setAsideMs, check = false } = options
  const path = databasePath(folder)
  try {
    return openOwn(path, bounds, check, lock)
  } catch (error) {
    if (codeOf(error) !== 'ERR_STORE_CORRUPT' || setAsideMs === undefined) throw error
    const aside = setAside(folder, setAsideMs)
    const store = openOwn(path, bounds, false, lock)
    const what = `set aside as ${aside}: ${messageOf(error)}`
    store.setNote('set-aside', JSON.stringify({ atMs: setAsideMs, what }))
    return store
  }
}

function openOwn(path: string, bounds: StoreBounds, check: boolean, lock: FolderLock): Store {
  const db = openWritable(path, bounds, check)
  let own: Checkpoints = noCheckpoints(db)
  try {
    own = checkpoints(db)
    return sqliteStore(db, bounds, own, lock.release)
  } catch (error) {
    own.close()
    throw toStoreError(path, error)
  }
}

function openWritable(path: string, bounds: StoreBounds, check: boolean): Connection {
  return opened(path, { timeout: BUSY_MS }, (db) => {
    schemaVersion(db)
    // Only an empty file takes this one; it lets a file shrink when its bound was lowered.
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    const pageBytes = db.pragma('page_size', { simple: true }) as number
    db.pragma(`cache_size = -${CACHE_KIB}`)
    if (check) checkWhole(db)
    migrate(db)
    db.pragma('incremental_vacuum')
    db.pragma(`max_page_count = ${Math.floor(bounds.maxBytes / pageBytes)}`)
  })
}

function checkWhole(db: Connection): void {
  const finding = db.pragma('quick_check(1)', { simple: true })
  if (finding === 'ok') return
  throw new AgentError('ERR_STORE_CORRUPT', `${db.name}: damaged (${finding})`, {
    remedy: 'move it away; the agent begins a new one',
  })
}

/**
 * For another process than the agent: reads what was last committed, and bars no one.
 * @throws {AgentError} `ERR_STORE_MISSING` where no agent has run yet, and as `openStore`
 */
export function openStoreReadOnly(folder: string, options: Partial<StoreBounds> = {}): StoreReader {
  const path = databasePath(folder)
  try {
    // Root reads what the service's own user has written.
    const user = process.geteuid?.()
    checkOwn(path, 'file', user === 0 ? lstatSync(folder).uid : user)
  } catch (error) {
    throw new AgentError('ERR_STORE_MISSING', `${folder}: no database to read`, {
      cause: error,
      remedy: 'start the agent, or name its folder (--data-dir); its owner can read it',
    })
  }
  const db = opened(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS }, (db) => {
    const version = schemaVersion(db)
    if (version === SCHEMA_VERSION) return
    throw new AgentError('ERR_STORE_OLDER', `${path}: schema ${version}, made by an older agent`, {
      remedy: 'start the agent once: it brings the database up to date',
    })
  })
  return sqliteStore(db, { ...DEFAULT_BOUNDS, ...options }, noCheckpoints(db), () => {})
}

function opened(
  path: string,
  options: Database.Options,
  prepare: (db: Connection) => void,
): Connection {
  let db: Connection | undefined
  try {
    db = new Database(path, options)
    prepare(db)
    return db
  } catch (error) {
    db?.close()
    throw toStoreError(path, error)
  }
}

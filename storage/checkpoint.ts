/**
 * Writes the WAL back into the database while the waits for the disk pass in the thread pool and not in
 * the event loop. A second connection, the pin, reads meanwhile: SQLite then begins no WAL anew, and
 * copies nothing behind the pin's place.
 *
 * Two rules hold the file whole through a power cut. The WAL before the database: what is copied was
 * synchronized in the WAL before; that is ours to keep. The database before a new WAL: SQLite keeps it,
 * since the pin's place is never the WAL's end, and it synchronizes the database with the last frame; that
 * we did so before leaves it little to wait for. So a cycle may fail or be left at any step.
 * https://sqlite.org/wal.html; walCheckpoint() and walRestartLog() in SQLite's wal.c.
 */
import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import Database, { type Database as Connection } from 'better-sqlite3'
import { AgentError, codeOf, messageOf } from '../platform/errors.ts'
import { toStoreError } from './store-error.ts'

/** So much is not yet written back: a cycle is due. */
export const CYCLE_BYTES = 4 * 2 ** 20
/** Behind a cycle that leaves a longer WAL, the rest is written back at once: the WAL begins anew. */
const RESTART_BYTES = 16 * 2 ** 20
/** Cycles do not keep up, or got no turn of the event loop: all is written back on the spot. */
export const MAX_WAL_BYTES = 32 * 2 ** 20
/** The pin reads one row. */
const PIN_CACHE_PAGES = 8

export interface Checkpoints {
  /** Runs one transaction, and has the WAL written back when it is due. */
  around(transaction: () => void): void
  /** Leaves the cycle that runs, and closes the connection with all that belongs to it. */
  close(): void
}

/** Waits until the disk has what was written to this file. */
export type Sync = (fd: number) => Promise<void>

/** Of a database in memory, or one that another process writes. */
export const noCheckpoints = (db: Connection): Checkpoints => ({
  around: (transaction) => transaction(),
  close: () => void db.close(),
})

interface WalFrames {
  readonly log: number
  /** Of them, written back. */
  readonly checkpointed: number
}

interface Cycle {
  /** Frames before the pin's place. */
  readonly frames: number
}

/** @param db the only writer, in WAL mode with `synchronous = NORMAL` */
export function checkpoints(db: Connection, sync: Sync = promisify(fdatasync)): Checkpoints {
  const frameBytes = db.pragma('page_size', { simple: true }) as number
  const look = db.prepare<[], WalFrames>('PRAGMA wal_checkpoint(NOOP)')
  const frames = (): WalFrames => look.get() ?? { log: 0, checkpointed: 0 }
  const pin = openPin(db.name)
  const files = openFiles(db.name)
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`journal_size_limit = ${RESTART_BYTES}`)
  let cycle: Cycle | undefined
  let isSyncing = false
  let fault: unknown

  function begin(): Cycle | undefined {
    const { log, checkpointed } = frames()
    if (isSyncing || (log - checkpointed) * frameBytes < CYCLE_BYTES) return undefined
    pin.begin()
    cycle = { frames: log }
    return cycle
  }

  function leave(own: Cycle | undefined): void {
    if (own === undefined || own !== cycle) return
    cycle = undefined
    pin.end()
  }

  /** The transaction behind the pin is written: from here on, only the copying is in the event loop. */
  async function run(own: Cycle): Promise<void> {
    isSyncing = true
    try {
      await synchronize(files.wal)
      if (cycle === own) {
        copy()
        await synchronize(files.db)
      }
    } finally {
      isSyncing = false
      const isOurs = cycle === own
      leave(own)
      if (isOurs && frames().log * frameBytes > RESTART_BYTES) writeBack()
    }
  }

  function copy(): void {
    db.pragma('synchronous = OFF')
    try {
      db.pragma('wal_checkpoint(PASSIVE)')
    } finally {
      db.pragma('synchronous = NORMAL')
    }
  }

  /** With SQLite's own waits. Not TRUNCATE, which would wait for readers in other processes. */
  function writeBack(): void {
    leave(cycle)
    db.pragma('wal_checkpoint(PASSIVE)')
  }

  async function synchronize(fd: number): Promise<void> {
    try {
      await sync(fd)
    } catch (error) {
      const code = NO_SPACE.has(codeOf(error) ?? '') ? 'ERR_STORE_FULL' : 'ERR_STORE_IO'
      throw new AgentError(code, `${db.name}: not written to the disk (${messageOf(error)})`, {
        cause: error,
        remedy: 'check the disk',
      })
    }
  }

  /** For the next transaction to tell. A full disk is told by the transaction that finds no room. */
  function failed(error: unknown): void {
    const told = toStoreError(db.name, error)
    if (codeOf(told) !== 'ERR_STORE_FULL') fault = told
  }

  return {
    around(transaction) {
      const told = fault
      fault = undefined
      if (told !== undefined) throw told
      const own = begin()
      try {
        transaction()
      } catch (error) {
        leave(own)
        throw error
      }
      const { log } = frames()
      try {
        if (log * frameBytes > MAX_WAL_BYTES) writeBack()
        // A transaction that changed nothing leaves the pin at the WAL's end.
        else if (own !== undefined && log === own.frames) leave(own)
        else if (own !== undefined) run(own).catch(failed)
      } catch (error) {
        failed(error)
      }
    },
    close() {
      if (!db.open) return
      cycle = undefined
      pin.close()
      closeSync(files.wal)
      db.close()
      closeSync(files.db)
    },
  }
}

/** How a full disk or quota shows where pages get their place late. */
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT'])

/**
 * Descriptors of our own to synchronize. The trap: on POSIX, closing any of a process's descriptors of a
 * file drops all its locks there, and SQLite has such locks on the database (on the WAL it has none).
 * So this one is opened once, and closed behind the last connection, at once even where `sync` still
 * waits: a later close would drop the locks of a store that was opened anew meanwhile.
 */
function openFiles(path: string): { readonly db: number; readonly wal: number } {
  // Windows synchronizes only what is open for writing.
  return { db: openSync(path, 'r+'), wal: openSync(`${path}-wal`, 'r+') }
}

/** Holds its place in the WAL from `begin` to `end`. */
function openPin(path: string): { begin(): void; end(): void; close(): void } {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  db.pragma(`cache_size = ${PIN_CACHE_PAGES}`)
  const read = db.prepare('SELECT 1 FROM sqlite_schema')
  return {
    begin() {
      db.exec('BEGIN')
      try {
        read.get()
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    end: () => void db.exec('COMMIT'),
    close: () => void db.close(),
  }
}

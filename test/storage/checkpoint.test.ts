/**
 * The steps of a cycle, held back one by one. This file is its own victim: started with a folder and a
 * step as arguments it writes, says each number once it is committed, and kills itself at that step.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  fdatasync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import {
  type Checkpoints,
  CYCLE_BYTES,
  checkpoints,
  MAX_WAL_BYTES,
  type Sync,
} from '../../storage/checkpoint.ts'

const PAGE_BYTES = 4_096
/** https://sqlite.org/fileformat2.html#walformat */
const WAL_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const EMPTY_PAGE = '\0'.repeat(PAGE_BYTES)
/** Of noise, in a transaction. */
const BATCH_BYTES = 256 * 1_024
const ROWS = 40
/** Behind so many, the first cycle is under way. */
const BATCHES_A_CYCLE = Math.ceil(CYCLE_BYTES / BATCH_BYTES) + 1

interface Opened {
  readonly db: Database.Database
  readonly own: Checkpoints
  /** The next number, in a transaction of its own. */
  write(): number
  walFrames(): { readonly log: number; readonly checkpointed: number }
}

function open(path: string, sync?: Sync): Opened {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec('CREATE TABLE IF NOT EXISTS noise (id INTEGER PRIMARY KEY, n INTEGER, body BLOB)')
  const own = checkpoints(db, sync)
  const put = db.prepare('REPLACE INTO noise VALUES (?, ?, ?)')
  const look = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
  let n = newest(db)
  return {
    ...{ db, own },
    write() {
      own.around(() => void put.run((n + 1) % ROWS, n + 1, randomBytes(BATCH_BYTES)))
      n += 1
      return n
    },
    walFrames: () => look.get() ?? { log: 0, checkpointed: 0 },
  }
}

const newest = (db: Database.Database): number =>
  Number(db.prepare('SELECT coalesce(max(n), 0) FROM noise').pluck().get())

/** What one finds who opens it: whether it is whole, and its newest number. */
function found(path: string): { readonly check: unknown; readonly n: number } {
  const db = new Database(path)
  try {
    return { check: db.pragma('integrity_check', { simple: true }), n: newest(db) }
  } finally {
    db.close()
  }
}

/** `ok`, or what is wrong with a database. */
function wholeness(path: string): unknown {
  try {
    return found(path).check
  } catch (error) {
    return error
  }
}

/** The pages of a database, or those in the frames of a WAL. */
function pagesOf(path: string, headerBytes = 0, frameHeaderBytes = 0): string[] {
  const file = readFileSync(path, 'latin1').slice(headerBytes)
  const bytes = frameHeaderBytes + PAGE_BYTES
  return Array.from({ length: Math.floor(file.length / bytes) }, (_, i) =>
    file.slice(i * bytes + frameHeaderBytes, (i + 1) * bytes),
  )
}

/** Linux tells who holds which locks, by inode. */
const holdsLock = (path: string): boolean =>
  new RegExp(` READ +${process.pid} \\S+:${statSync(path).ino} `).test(
    readFileSync('/proc/locks', 'utf8'),
  )

/** Not in this process: to close a file here would drop the locks that it has there. */
const copy = (from: string, to: string): void => void execFileSync('cp', [from, to])

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done))

/** A disk that answers when the test says so: first for the WAL, then for the database. */
function heldDisk() {
  const waiting: { readonly done: () => void; readonly fail: (error: Error) => void }[] = []
  const next = () => waiting.shift() ?? t.bailout('nothing waits for the disk')
  return {
    sync: () => new Promise<void>((done, fail) => void waiting.push({ done, fail })),
    isAsked: () => waiting.length > 0,
    async answer() {
      next()?.done()
      await turn()
    },
    async fail(code: string) {
      next()?.fail(Object.assign(new Error(`${code}: said the disk`), { code }))
      await turn()
    },
  }
}

/** A cycle that waits for the disk to have the WAL. */
function heldCycle(t: Test) {
  const path = join(t.testdir(), 'a.db')
  const disk = heldDisk()
  const opened = open(path, disk.sync)
  t.teardown(() => opened.own.close())
  let pinned = { frames: 0, n: 0 }
  for (let n = 0; !disk.isAsked(); ) {
    pinned = { frames: opened.walFrames().log, n }
    n = opened.write()
  }
  return { path, disk, pinned, ...opened }
}

/** Says each number once it is committed, and kills itself at the `at`th call of `sync`. */
function writeUntilKilled(path: string, at: number, isBehind: boolean): never {
  let calls = 0
  const { write } = open(path, async (fd) => {
    calls += 1
    if (calls === at && !isBehind) process.kill(process.pid, 'SIGKILL')
    await promisify(fdatasync)(fd)
    if (calls === at) process.kill(process.pid, 'SIGKILL')
  })
  const step = (): void => {
    writeSync(1, `${write()}\n`)
    setImmediate(step)
  }
  step()
  return undefined as never
}

const [path, at, where] = process.argv.slice(2)
if (path === undefined) test()
else writeUntilKilled(path, Number(at), where === 'behind')

function test(): void {
  t.test('in a flood cycles write the WAL back, and it stays below its bound', async (t) => {
    const path = join(t.testdir(), 'a.db')
    let syncs = 0
    const { own, write } = open(path, async (fd) => {
      await promisify(fdatasync)(fd)
      syncs += 1
    })
    let largestBytes = 0
    let n = 0
    while (syncs < 12) {
      n = write()
      largestBytes = Math.max(largestBytes, statSync(`${path}-wal`).size)
      await turn()
    }
    t.ok(largestBytes < MAX_WAL_BYTES + 2 * BATCH_BYTES, `WAL ${largestBytes}`)
    own.close()
    t.strictSame(found(path), { check: 'ok', n })
  })

  t.test(
    'it stays there without one turn of the event loop, and when the disk hangs',
    async (t) => {
      const { path, write, walFrames, own, disk } = heldCycle(t)
      let largestBytes = 0
      let restarts = 0
      let n = 0
      for (let before = 0; restarts < 2; ) {
        n = write()
        const { log } = walFrames()
        if (log < before) restarts += 1
        before = log
        largestBytes = Math.max(largestBytes, statSync(`${path}-wal`).size)
      }
      t.ok(largestBytes < MAX_WAL_BYTES + 2 * BATCH_BYTES, `WAL ${largestBytes}`)
      await disk.answer()
      t.notOk(disk.isAsked(), 'the cycle that was left does not go on')
      own.close()
      t.strictSame(found(path), { check: 'ok', n })
    },
  )

  t.test('the database waits for the WAL, and the WAL for the database', async (t) => {
    const { path, disk, pinned, write, walFrames } = heldCycle(t)
    const [before, after] = [`${path}.before`, `${path}.after`] as const
    copy(path, before)
    for (let i = 0; i < 5; i++) write()
    copy(path, after)
    t.ok(
      readFileSync(after).equals(readFileSync(before)),
      'nothing is copied before the WAL is safe',
    )
    t.equal(walFrames().checkpointed, 0)

    await disk.answer()
    t.equal(walFrames().checkpointed, pinned.frames)
    copy(path, after)
    copy(`${path}-wal`, `${path}.wal`)
    const safe = new Set(
      pagesOf(`${path}.wal`, WAL_HEADER_BYTES, FRAME_HEADER_BYTES).slice(0, pinned.frames),
    )
    const old = pagesOf(before)
    const copied = pagesOf(after).filter((page, i) => page !== (old[i] ?? EMPTY_PAGE))
    t.ok(copied.length > 0 && copied.every((page) => safe.has(page)), 'copied is only what is safe')

    const { log } = walFrames()
    write()
    t.ok(walFrames().log > log, 'the WAL goes on, and does not begin anew')

    await disk.answer()
    t.notOk(disk.isAsked())
    while (!disk.isAsked()) write()
    t.ok(walFrames().log > log, 'nor behind the cycle, while not all is copied')
  })

  t.test('a power cut in the middle of the copying costs nothing that was safe', async (t) => {
    const { path, disk, pinned } = heldCycle(t)
    const [before, after, torn] = [`${path}.before`, `${path}.after`, `${path}.torn`] as const
    copy(path, before)
    copy(`${path}-wal`, `${torn}-wal`)
    truncateSync(
      `${torn}-wal`,
      WAL_HEADER_BYTES + pinned.frames * (FRAME_HEADER_BYTES + PAGE_BYTES),
    )
    await disk.answer()
    copy(path, after)
    const [old, copied] = [pagesOf(before), pagesOf(after)]
    // Of what was copied, every other page has reached the disk.
    const half = copied.map((page, i) => (i % 2 === 0 ? page : (old[i] ?? EMPTY_PAGE)))
    writeFileSync(torn, half.join(''), 'latin1')
    copy(torn, `${torn}-alone`)
    t.not(wholeness(`${torn}-alone`), 'ok', 'the database alone is torn')
    t.strictSame(found(torn), { check: 'ok', n: pinned.n })
  })

  t.test('a disk that fails is told by the next transaction, and then it goes on', async (t) => {
    for (const step of ['the WAL', 'the database']) {
      const { path, disk, write, own } = heldCycle(t)
      if (step === 'the database') await disk.answer()
      await disk.fail('EIO')
      t.throws(write, { code: 'ERR_STORE_IO', message: /EIO/, remedy: /disk/ }, step)
      t.doesNotThrow(write, 'told once')
      while (!disk.isAsked()) write()
      await disk.answer()
      await disk.answer()
      const n = write()
      own.close()
      t.strictSame(found(path), { check: 'ok', n })
    }
  })

  t.test('a full disk is tried again', async (t) => {
    const { disk, write } = heldCycle(t)
    await disk.fail('ENOSPC')
    t.doesNotThrow(write)
    t.ok(disk.isAsked(), 'at once, as so much still waits')
  })

  t.test('a transaction that fails or changes nothing begins no cycle', async (t) => {
    const { disk, db, own, write } = heldCycle(t)
    await disk.fail('ENOSPC')
    const boom = () => {
      throw new Error('boom')
    }
    t.throws(() => own.around(boom), /boom/)
    t.notOk(disk.isAsked())
    own.around(() => void db.prepare('DELETE FROM noise WHERE id = -1').run())
    t.notOk(disk.isAsked())
    write()
    t.ok(disk.isAsked())
  })

  t.test('closed while it waits: all is there, and the late answer harms nothing', async (t) => {
    const { path, disk, write, own } = heldCycle(t)
    const n = write()
    own.close()
    own.close()
    t.notOk(existsSync(`${path}-wal`), 'SQLite has written all back')
    const second = open(path)
    await disk.answer()
    t.equal(second.write(), n + 1)
    if (process.platform === 'linux') t.ok(holdsLock(path), 'nor takes the lock of the next one')
    second.own.close()
    t.strictSame(found(path), { check: 'ok', n: n + 1 })
  })

  for (const [at, what] of [
    [3, 'the WAL'],
    [4, 'the database'],
  ] as const) {
    for (const where of ['before', 'behind']) {
      t.test(`killed ${where} the wait for ${what}, it has all that was committed`, async (t) => {
        const path = join(t.testdir(), 'a.db')
        const args = [import.meta.filename, path, `${at}`, where]
        const { stdout, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' })
        t.equal(signal, 'SIGKILL')
        const acknowledged = Number(stdout.trimEnd().split('\n').at(-1))
        t.ok(acknowledged > 2 * BATCHES_A_CYCLE - 4, `${acknowledged} batches`)
        const { check, n } = found(path)
        t.equal(check, 'ok')
        // The last word may have been cut off on its way.
        t.ok(n === acknowledged || n === acknowledged + 1, `${acknowledged} told, ${n} there`)
        const next = open(path)
        t.equal(next.write(), n + 1)
        next.own.close()
      })
    }
  }
}

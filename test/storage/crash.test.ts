/**
 * Kills a writing process at random instants. This file is its own writer: started with a folder as
 * argument it records batch after batch, and says each number once `record` has returned.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import t from 'tap'
import { openStore } from '../../storage/database.ts'
import { databasePath } from '../../storage/folder.ts'
import type { Store } from '../../storage/store.ts'
import { alerted, connected, observed } from '../support/store.ts'

const KILLS = Number(process.env['TIDEWATCH_KILLS'] ?? 25)
const folderToWrite = process.argv[2]

function write(folder: string): void {
  const store = openStore({ folder, maxBytes: 4 * 2 ** 20, maxEventBytes: 2 ** 20 })
  for (let n = Number(store.bookmark('test') ?? 0) + 1; ; n++) {
    store.record({
      events: Array.from({ length: 100 }, (_, i) => connected(n, n * 31 + i)),
      observations: [observed('all', n), observed(`one-${n % 50}`, n, { sentBytes: n })],
      alerts: [alerted(`alert-${n % 20}`, n)],
      bookmarks: new Map([['test', `${n}`]]),
    })
    process.stdout.write(`${n}\n`)
  }
}

/** Starts a writer, kills it some random milliseconds after its first word, and tells its last. */
async function writeAndKill(folder: string, afterMs: number): Promise<number> {
  const writer: ChildProcess = spawn(process.execPath, [import.meta.filename, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = 0
  if (writer.stdout === null) throw new Error('the writer has no output')
  const lines = createInterface({ input: writer.stdout })
  lines.once('line', () => setTimeout(() => writer.kill('SIGKILL'), afterMs))
  for await (const line of lines) last = Number(line)
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
  t.equal(writer.signalCode, 'SIGKILL', `killed after batch ${last}`)
  return last
}

function disagreements(store: Store, acknowledged: number): string[] {
  const position = Number(store.bookmark('test'))
  const all = store.series('all')
  const newest = all?.observations.at(-1)?.atMs
  const { events, evictedEvents } = store.stats()
  const wrong: string[] = []
  // The last word may have been cut off on its way, so one more batch than it may be stored.
  if (position < acknowledged) wrong.push(`${acknowledged} was acknowledged, ${position} is stored`)
  if (newest !== position) wrong.push(`bookmark ${position}, newest observation ${newest}`)
  if (all?.totalObservations !== position) wrong.push(`${all?.totalObservations} observations`)
  if (events + evictedEvents !== 100 * position) wrong.push(`${events} + ${evictedEvents} events`)
  const alert = store.alert(`alert-${position % 20}`)
  if (alert?.updatedMs !== position) wrong.push(`alert of ${alert?.updatedMs}`)
  return wrong
}

if (folderToWrite === undefined) {
  t.setTimeout(60_000 + 4_000 * KILLS)
  t.test(`bookmarks and observations agree after each of ${KILLS} kills`, async (t) => {
    const folder = join(t.testdir(), 'data')
    let total = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const acknowledged = await writeAndKill(folder, Math.random() * 60)
      const db = new Database(databasePath(folder), { readonly: true })
      t.equal(db.pragma('integrity_check', { simple: true }), 'ok', 'opens without repair')
      db.close()
      const store = openStore({ folder, maxBytes: 4 * 2 ** 20, maxEventBytes: 2 ** 20 })
      t.strictSame(disagreements(store, acknowledged), [])
      total = Number(store.bookmark('test'))
      store.close()
    }
    t.ok(total > KILLS, `${total} batches were written`)
  })
} else {
  write(folderToWrite)
}

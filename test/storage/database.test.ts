import { chownSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openStore, openStoreReadOnly } from '../../storage/database.ts'
import { databasePath } from '../../storage/folder.ts'
import { SCHEMA_VERSION } from '../../storage/migrate.ts'
import { connected, observed } from '../support/store.ts'

const folderOf = (t: Test) => join(t.testdir(), 'data')

t.test('what was recorded is there at the next start', async (t) => {
  const folder = folderOf(t)
  const first = openStore({ folder })
  first.record({
    events: [connected(1)],
    observations: [observed('a', 1)],
    bookmarks: new Map([['linux.audit', '77']]),
  })
  first.setNote('stop', 'asked to')
  first.close()
  const second = openStore({ folder })
  t.teardown(() => second.close())
  t.equal(second.bookmark('linux.audit'), '77')
  t.equal(second.note('stop'), 'asked to')
  t.strictSame([...second.events(0, 9)], [connected(1)])
  t.strictSame(second.series('a')?.observations, [{ atMs: 1, connections: 1 }])
  t.match(second.stats(), { schemaVersion: SCHEMA_VERSION, events: 1, series: 1, transfers: 1 })
})

t.test('no file of it can be read by others', async (t) => {
  const folder = folderOf(t)
  const store = openStore({ folder })
  t.teardown(() => store.close())
  store.setNote('a', 'b')
  const names = readdirSync(folder)
  t.ok(names.includes('tidewatch.db-wal'))
  for (const name of names) t.equal(lstatSync(join(folder, name)).mode & 0o077, 0, name)
})

t.test('a second agent is told, and the first one goes on', async (t) => {
  const folder = folderOf(t)
  const store = openStore({ folder })
  t.throws(() => openStore({ folder }), { code: 'ERR_STORE_LOCKED', remedy: /--data-dir/ })
  store.setNote('still', 'here')
  t.equal(store.note('still'), 'here')
  store.close()
  openStore({ folder }).close()
})

t.test('a reader sees what the running agent commits', async (t) => {
  const folder = folderOf(t)
  const store = openStore({ folder })
  const reader = openStoreReadOnly(folder)
  store.record({ observations: [observed('a', 1), observed('b', 2)] })
  t.strictSame(reader.seriesKeys(), ['b', 'a'])
  t.match(reader.stats(), { series: 2, transfers: 2, newestTransferMs: 2 })
  store.close()
  t.equal(reader.stats().series, 2)
  reader.close()
  const later = openStoreReadOnly(folder)
  t.equal(later.stats().series, 2, 'also when the agent does not run')
  later.close()
})

t.test('where no agent has run there is nothing to read', async (t) => {
  const folder = folderOf(t)
  t.throws(() => openStoreReadOnly(folder), { code: 'ERR_STORE_MISSING', remedy: /--data-dir/ })
})

t.test('a store in memory asks nothing of the disk', async (t) => {
  const store = openStore({ folder: ':memory:' })
  store.record({ observations: [observed('a', 1)] })
  t.equal(store.stats().transfers, 1)
  store.close()
})

const breakages: Record<string, (path: string) => void> = {
  garbage: (path) => writeFileSync(path, 'this is no database, '.repeat(1_000)),
  foreign: (path) => {
    const db = new Database(path)
    db.exec('CREATE TABLE precious (a)')
    db.close()
  },
  'cut in half': (path) => {
    const store = openStore({ folder: join(path, '..') })
    store.record({ observations: Array.from({ length: 900 }, (_, i) => observed(`s${i}`, i)) })
    store.close()
    writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size / 2))
  },
}
for (const [what, breakIt] of Object.entries(breakages)) {
  t.test(`a database that is ${what} is refused, or set aside when asked`, async (t) => {
    const folder = folderOf(t)
    openStore({ folder }).close()
    const path = databasePath(folder)
    if (what !== 'cut in half') writeFileSync(path, '')
    breakIt(path)
    const before = readFileSync(path)
    t.throws(() => openStore({ folder, check: true }), { code: 'ERR_STORE_CORRUPT', remedy: /./ })
    t.ok(readFileSync(path).equals(before), 'and left as it was')

    const store = openStore({ folder, check: true, setAsideMs: Date.UTC(2026, 1, 3) })
    t.teardown(() => store.close())
    const aside = join(folder, 'tidewatch-set-aside-2026-02-03T000000000Z.db')
    t.ok(readFileSync(aside).equals(before))
    t.match(JSON.parse(store.note('set-aside') ?? ''), { atMs: Number, what: aside })
    store.record({ observations: [observed('a', 1)] })
    t.equal(store.stats().series, 1)
  })
}

t.test('a newer database is refused, and never set aside', async (t) => {
  const folder = folderOf(t)
  openStore({ folder }).close()
  const db = new Database(databasePath(folder))
  db.pragma('user_version = 999')
  db.close()
  t.throws(() => openStore({ folder, setAsideMs: 0 }), { code: 'ERR_STORE_NEWER' })
  t.throws(() => openStoreReadOnly(folder), { code: 'ERR_STORE_NEWER' })
  t.notOk(readdirSync(folder).some((name) => name.includes('set-aside')))
})

t.test('a lowered bound shrinks the file', async (t) => {
  const folder = folderOf(t)
  const fill = (maxBytes: number, rounds: number) => {
    const store = openStore({ folder, maxBytes })
    for (let round = 0; round < rounds; round++) {
      store.record({
        events: Array.from({ length: 900 }, (_, i) => connected(i, round * 977 + i * 31)),
      })
    }
    store.close()
  }
  fill(8 * 2 ** 20, 400)
  const largeBytes = statSync(databasePath(folder)).size
  fill(2 ** 20, 4)
  fill(2 ** 20, 4)
  t.ok(largeBytes > 2 * 2 ** 20, `${largeBytes}`)
  t.ok(statSync(databasePath(folder)).size <= 2 ** 20, `${statSync(databasePath(folder)).size}`)
})

const isRoot = process.geteuid?.() === 0
t.test(
  "root reads the service's database, and none that another put there",
  {
    skip: !isRoot && 'only root reads what is of others',
  },
  async (t) => {
    const [account, other] = [12_345, 12_346]
    const folder = t.testdir()
    openStore({ folder }).close()
    for (const path of [folder, join(folder, 'tidewatch.db')]) chownSync(path, account, 0)
    openStoreReadOnly(folder).close()
    const owners = readdirSync(folder).map((name) => [name, lstatSync(join(folder, name)).uid])
    t.strictSame(
      owners.filter(([name]) => name !== 'tidewatch.lock'),
      owners.filter(([, uid]) => uid === account),
      "what it leaves beside it is the service's",
    )
    chownSync(join(folder, 'tidewatch.db'), other, 0)
    t.throws(() => openStoreReadOnly(folder), { code: 'ERR_STORE_MISSING' })
    t.throws(() => openStore({ folder }), { code: 'ERR_STORE_FOLDER' }, 'and writes to none')
  },
)

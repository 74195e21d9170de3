import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../agent/clock.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import { incidents } from '../../agent/life-notes.ts'
import { withStore } from '../../agent/with-store.ts'
import { openStore } from '../../storage/database.ts'
import { observed } from '../support/store.ts'

const parsed = parseConfig('store: { maxSize: 32MiB }')
if (!parsed.ok) throw new Error('the configuration is wrong')
const { config } = parsed
const clock = systemClock()

t.test('the store has the bounds of the configuration, and is closed in the end', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  await withStore({ config, dataDir, clock }, async (store) => {
    t.equal(store.stats().maxBytes, 32 * 2 ** 20)
  })
  t.doesNotThrow(() => openStore({ folder: dataDir }).close(), 'nobody holds it')
})

t.test('what ends the work is thrown on, and told by the next', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const broken = async () => {
    throw new Error('no such field')
  }
  await t.rejects(withStore({ config, dataDir, clock }, broken), /no such field/)
  await withStore({ config, dataDir, clock }, async (store) => {
    t.match(incidents(store, clock.now()), [{ what: 'ended by an error: no such field' }])
  })
})

t.test('damage inside the file ends one sensor, and not the next', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const store = openStore({ folder: dataDir })
  store.record({ observations: Array.from({ length: 5_000 }, (_, i) => observed(`s${i}`, 1 + i)) })
  store.close()
  const path = join(dataDir, 'tidewatch.db')
  const file = openSync(path, 'r+')
  // All but the first pages, which hold the schema: the file opens, and cannot be read.
  const [from, bytes] = [32 * 4096, statSync(path).size]
  writeSync(file, Buffer.alloc(bytes - from, 0xa5), 0, bytes - from, from)
  closeSync(file)

  const read = withStore({ config, dataDir, clock }, async (store) => void store.seriesKeys())
  await t.rejects(read, { code: 'ERR_STORE_CORRUPT' })
  await withStore({ config, dataDir, clock }, async (store) => {
    t.strictSame(store.seriesKeys(), [])
    t.match(incidents(store, clock.now()), [{ what: /set aside as .*damaged/ }])
  })
})

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { storedStatus } from '../../agent/control/stored-status.ts'
import { firstStart, incidents, lastAlive, notingFaults, remember } from '../../agent/life-notes.ts'
import { AgentError } from '../../platform/errors.ts'
import { openStore } from '../../storage/database.ts'
import { aStatus, NOW_MS } from '../support/status.ts'

const root = join(import.meta.dirname, '..', '..')

t.test('the first start is noted once', async (t) => {
  const store = openStore({ folder: ':memory:' })
  t.equal(firstStart(store, 1_000), 1_000)
  t.equal(firstStart(store, 2_000), 1_000)
})

t.test('the next sensor knows when the last one was alive, and how it was', async (t) => {
  const store = openStore({ folder: ':memory:' })
  t.equal(lastAlive(store), undefined)
  remember(store, aStatus, NOW_MS)
  t.equal(lastAlive(store), NOW_MS)
  const here = { version: '0', host: aStatus.host, dataDir: '/x' }
  t.strictSame(storedStatus(store, here).collectors, aStatus.collectors)
})

t.test('a full disk is no end, another fault is', async (t) => {
  const store = openStore({ folder: ':memory:' })
  const failing = (code: string) => ({
    ...store,
    setNote: () => {
      throw new AgentError(code, 'no')
    },
  })
  t.doesNotThrow(() => remember(failing('ERR_STORE_FULL'), aStatus, NOW_MS))
  t.throws(() => remember(failing('ERR_STORE'), aStatus, NOW_MS), { code: 'ERR_STORE' })
})

t.test('an error that ends the sensor is told for a day', async (t) => {
  const store = openStore({ folder: ':memory:' })
  const before = process.listenerCount('uncaughtExceptionMonitor')
  const broken = async () => {
    throw new Error('no such field')
  }
  await t.rejects(
    notingFaults(store, () => NOW_MS, broken),
    /no such field/,
  )
  const told = [{ atMs: NOW_MS, what: 'ended by an error: no such field' }]
  t.strictSame(incidents(store, NOW_MS + 1_000), told)
  t.strictSame(incidents(store, NOW_MS + 86_400_000), [])
  t.equal(process.listenerCount('uncaughtExceptionMonitor'), before)
})

t.test('an error of any part of the process is noted as it goes', async (t) => {
  const folder = join(t.testdir(), 'data')
  const script = `
    const { openStore } = await import('${root}/storage/database.ts')
    const { notingFaults } = await import('${root}/agent/life-notes.ts')
    const store = openStore({ folder: '${folder}' })
    setTimeout(() => { throw new TypeError('a bug in a timer') })
    await notingFaults(store, () => 1000, () => new Promise(() => setInterval(() => {}, 1000)))
  `
  const args = ['--input-type=module', '-e', script]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  t.not(status, 0, 'it ends')
  t.match(stderr, /a bug in a timer/, 'and says why')
  const what = 'ended by an error: a bug in a timer'
  t.strictSame(incidents(openStore({ folder }), 2_000), [{ atMs: 1_000, what }])
})

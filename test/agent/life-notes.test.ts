import t from 'tap'
import { storedStatus } from '../../agent/control/stored-status.ts'
import { firstStart, lastAlive, remember } from '../../agent/life-notes.ts'
import { AgentError } from '../../platform/errors.ts'
import { openStore } from '../../storage/database.ts'
import { aStatus, NOW_MS } from '../support/status.ts'

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

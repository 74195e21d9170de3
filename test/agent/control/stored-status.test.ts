import t from 'tap'
import { type StatusStore, saveStatus, storedStatus } from '../../../agent/control/stored-status.ts'
import { aStatus } from '../../support/status.ts'

/** A store that knows nothing but notes and figures. */
function fakeStore(): StatusStore & { setNote(name: string, value: string): void } {
  const notes = new Map<string, string>()
  return {
    note: (name) => notes.get(name),
    setNote: (name, value) => void notes.set(name, value),
    stats: () => ({ ...aStatus.store, events: 1 }),
    findings: () => [],
    series: () => undefined,
    deadLetters: () => [
      { output: 'main', id: 'a', revision: 1, atMs: 5, reason: 'no date', document: '{}' },
    ],
  }
}
const here = { version: '9.9.9', host: { name: 'here', os: 'linux' }, dataDir: '/d' }

t.test('tells what the agent saved last, and that it does not run', async (t) => {
  const store = fakeStore()
  saveStatus(store, { ...aStatus, store: { ...aStatus.store, maxBytes: 16 * 2 ** 20 } })
  const status = storedStatus(store, here)
  t.equal(status.isRunning, false)
  t.strictSame(status.collectors, aStatus.collectors)
  t.strictSame(status.outputs, aStatus.outputs)
  t.strictSame(status.deadLetters, [
    { output: 'main', id: 'a', revision: 1, atMs: 5, reason: 'no date' },
  ])
  t.equal(status.version, aStatus.version)
  t.equal(status.store.events, 1, 'figures of the store are read afresh')
  t.equal(status.store.maxBytes, 16 * 2 ** 20, 'but for the bound, which was configured')
  t.notOk('pid' in status || 'process' in status, 'there is no process')
})

t.test('without a note, or with a broken one, it says what it knows', async (t) => {
  const store = fakeStore()
  t.match(storedStatus(store, here), { ...here, collectors: [], findings: [] })
  store.setNote('last-status', '{"vers')
  t.match(storedStatus(store, here), { version: '9.9.9' })
})

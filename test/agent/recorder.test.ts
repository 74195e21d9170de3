import t from 'tap'
import { createRecorder } from '../../agent/recorder.ts'
import { AgentError } from '../../platform/errors.ts'
import type { Store, StoreBatch } from '../../storage/store.ts'

/** A store of which only `record` is asked; it refuses while `isFull`. */
function fakeStore() {
  const recorded: StoreBatch[] = []
  const disk = { isFull: false }
  const record = (batch: StoreBatch) => {
    if (disk.isFull) throw new AgentError('ERR_STORE_FULL', 'full')
    recorded.push(batch)
  }
  return { store: { record } as unknown as Store, recorded, disk }
}
const identity = { key: 'k', destinationPort: 443 }
const observation = (atMs: number) => ({ identity, observation: { atMs, connections: 1 } })

t.test('through a full disk no observation, alert or bookmark is lost', async (t) => {
  const { store, recorded, disk } = fakeStore()
  const recorder = createRecorder(store)
  disk.isFull = true
  const event = { kind: 'loss' as const, atMs: 1, dataset: 'x', reason: 'restart' as const }
  recorder.record({
    events: [event],
    observations: [observation(1)],
    bookmarks: new Map([['a', '1']]),
  })
  recorder.record({ observations: [observation(2)], bookmarks: new Map([['a', '2']]) })
  t.match(recorder.problem(), /2 transfers wait/)
  recorder.retry()
  t.strictSame(recorded, [])
  disk.isFull = false
  recorder.retry()
  t.equal(recorder.problem(), undefined)
  t.equal(recorded.length, 1)
  t.match(recorded[0], {
    observations: [observation(1), observation(2)],
    bookmarks: new Map([['a', '2']]),
  })
  t.strictSame(recorder.lost, { events: 1, observations: 0 })
})

t.test('what waits is bounded, and what is given up is counted', async (t) => {
  const { store, disk } = fakeStore()
  const recorder = createRecorder(store)
  disk.isFull = true
  const many = Array.from({ length: 30_000 }, (_, i) => observation(i))
  for (let i = 0; i < 3; i++) recorder.record({ observations: many })
  t.equal(recorder.lost.observations, 40_000)
})

t.test('another failure is not taken for a full disk', async (t) => {
  const store = {
    record: () => {
      throw new TypeError('bug')
    },
  } as unknown as Store
  t.throws(() => createRecorder(store).record({}), TypeError)
})

import t from 'tap'
import type { CollectorStatus } from '../../agent/control/status.ts'
import { createSupervisor } from '../../agent/supervisor.ts'
import { type Batch, type Collector, zeroCounters } from '../../platform/collector.ts'
import { SourceError } from '../../platform/errors.ts'
import { fakeClock } from '../support/fake-clock.ts'

/** Runs a collector that does this at each start, until it has been started `starts` times. */
async function supervise(
  starts: number,
  at: (start: number) => AsyncIterable<Batch>,
  more: Partial<Collector> = {},
) {
  const aborter = new AbortController()
  const seen: { batches: Batch[]; changes: string[]; waits: number[] } = {
    batches: [],
    changes: [],
    waits: [],
  }
  let start = 0
  const collector: Collector = {
    dataset: 'test',
    description: 'a test',
    counters: zeroCounters(),
    batches() {
      if (start === starts - 1) aborter.abort()
      return at(start++)
    },
    ...more,
  }
  const supervisor = createSupervisor({
    collectors: [collector],
    clock: fakeClock(1_000, 1),
    sleep: async (ms) => void seen.waits.push(ms),
    random: () => 0.5,
    bookmark: () => 'here',
    onBatch: (_, batch) => seen.batches.push(batch),
    onChange: ({ state, reason }: CollectorStatus) => seen.changes.push(`${state}: ${reason}`),
  })
  await supervisor.run(aborter.signal)
  return { ...seen, statuses: supervisor.statuses() }
}

t.test('a lost source is tried again with longer waits, and its reason is told once', async (t) => {
  const { waits, changes, statuses } = await supervise(5, async function* () {
    yield* []
    throw new SourceError('/run/x: no such socket', { remedy: 'start x' })
  })
  t.strictSame(waits, [1_000, 2_000, 4_000, 8_000, 16_000])
  t.strictSame(changes, ['lost: /run/x: no such socket; start x'])
  t.match(statuses, [{ state: 'lost', restarts: 5 }])
})

t.test('what a source of connections missed while it was away is a blind span', async (t) => {
  const { batches, changes } = await supervise(
    2,
    async function* () {
      yield { events: [] }
      throw new SourceError('gone')
    },
    { seesConnections: true },
  )
  t.strictSame(changes, ['running: undefined', 'lost: gone', 'running: undefined', 'lost: gone'])
  t.match(batches[1]?.events, [{ kind: 'loss', reason: 'unavailable', fromMs: 1_000 }])
})

t.test('a source that ends by itself is lost', async (t) => {
  const { changes } = await supervise(2, async function* () {
    yield { events: [] }
  })
  t.strictSame(changes, ['running: undefined', 'lost: its source ended', 'running: undefined'])
})

t.test('a collector that sees less than it could is degraded, with its reason', async (t) => {
  const degraded = { degraded: () => 'not root; run as root' }
  const { statuses } = await supervise(
    1,
    async function* () {
      yield { events: [] }
    },
    degraded,
  )
  t.match(statuses, [{ state: 'degraded', reason: 'not root; run as root' }])
})

t.test('a bug is not hidden', async (t) => {
  const run = supervise(3, async function* () {
    yield* []
    throw new TypeError('x is not a function')
  })
  await t.rejects(run, { message: 'x is not a function' })
})

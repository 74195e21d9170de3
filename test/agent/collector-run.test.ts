import t from 'tap'
import { type RunOptions, startRun } from '../../agent/collector-run.ts'
import { type Batch, type Collector, zeroCounters } from '../../platform/collector.ts'

/** A run of what a test yields. */
function run(batches: (signal: AbortSignal) => AsyncIterable<Batch>) {
  const collector: Collector = {
    ...{ dataset: 'test', description: 'a test', counters: zeroCounters(), batches },
  }
  let stuck = 0
  const options: RunOptions = {
    looks: { follow: () => {} },
    bookmark: { load: () => undefined },
    onLook: () => {},
    onStuck: (by) => {
      stuck += by
    },
  }
  const started = startRun(collector, new AbortController().signal, options)
  return { ...started, run: started, stuck: () => stuck }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

t.test('its batches, until it ends', async (t) => {
  const { next, run: it } = run(async function* () {
    yield { events: [], bookmark: 'a' }
  })
  t.notOk(it.isListening, 'about to start')
  t.strictSame(await next(), { events: [], bookmark: 'a' })
  t.ok(it.isListening)
  t.equal(await next(), undefined)
})

t.test('it counts the time without a sign of life, until it listens', async (t) => {
  const { next, pass } = run(async function* () {
    yield { events: [] }
    await new Promise(() => {})
  })
  t.equal(pass(5), 5)
  t.equal(pass(7), 12)
  await next()
  void next()
  t.equal(pass(100), 0)
})

t.test(
  'given up, its signal aborts, what it yields late is dropped, what it holds let go',
  async (t) => {
    const late = Promise.withResolvers<void>()
    const seen: string[] = []
    const { next, giveUp, stuck } = run(async function* (signal) {
      try {
        await late.promise
        seen.push(signal.aborted ? 'aborted' : 'not aborted')
        yield { events: [] }
        seen.push('went on')
      } finally {
        seen.push('closed')
      }
    })
    const waiting = next()
    giveUp(new Error('hangs'))
    giveUp(new Error('twice'))
    await t.rejects(waiting, { message: 'hangs' })
    t.equal(stuck(), 1)
    late.resolve()
    await settle()
    t.strictSame(seen, ['aborted', 'closed'])
    t.equal(stuck(), 0)
  },
)

t.test('what its source says late is of no use, and ends nothing', async (t) => {
  const late = Promise.withResolvers<void>()
  const { next, giveUp, stuck } = run(async function* () {
    await late.promise
    yield { events: [] }
  })
  const waiting = next()
  giveUp(new Error('hangs'))
  await t.rejects(waiting)
  late.reject(Object.assign(new Error('stale file handle'), { code: 'ESTALE' }))
  await settle()
  t.equal(stuck(), 0)
})

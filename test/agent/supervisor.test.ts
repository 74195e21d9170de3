import { once } from 'node:events'
import t from 'tap'
import type { CollectorStatus } from '../../agent/control/status.ts'
import { createLooks } from '../../agent/looks.ts'
import { createSupervisor } from '../../agent/supervisor.ts'
import { type Batch, type Clock, type Collector, zeroCounters } from '../../platform/collector.ts'
import { SourceError } from '../../platform/errors.ts'
import type { Event } from '../../platform/event.ts'
import { fakeClock } from '../support/fake-clock.ts'

const MAX_LOOK_MS = 60_000

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
    looks: { follow: () => {} },
    maxLookMs: () => MAX_LOOK_MS,
    async sleep(ms, signal) {
      // None of these hangs: when the agent ends, no one is waited for.
      if (signal !== aborter.signal) await once(signal, 'abort')
      else seen.waits.push(ms)
    },
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
      yield { events: [], bookmark: 'here' }
      throw new SourceError('gone')
    },
    { seesConnections: true },
  )
  t.strictSame(changes, ['running: undefined', 'lost: gone', 'running: undefined', 'lost: gone'])
  t.match(batches[1]?.events, [{ kind: 'loss', reason: 'unavailable', fromMs: 1_000 }])
})

t.test('a source that ends by itself is lost', async (t) => {
  const { changes } = await supervise(2, async function* () {
    yield { events: [], bookmark: 'here' }
  })
  t.strictSame(changes, ['running: undefined', 'lost: its source ended', 'running: undefined'])
})

t.test('a collector that sees less than it could is degraded, with its reason', async (t) => {
  const degraded = { degraded: () => 'not root; run as root' }
  const { statuses } = await supervise(
    1,
    async function* () {
      yield { events: [], bookmark: 'here' }
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

/** An agent whose time passes only when it is told to. */
function atHand(collectorsOf: (clock: Clock) => readonly Collector[]) {
  let nowMs = 1_000
  let ticked = Promise.withResolvers<void>()
  const aborter = new AbortController()
  const clock: Clock = {
    now: () => nowMs,
    async *ticks(_, signal) {
      while (!signal.aborted) {
        yield nowMs
        await Promise.race([ticked.promise, aborted(signal)])
      }
    },
  }
  const looks = createLooks(clock)
  const batches: Batch[] = []
  const changes: string[] = []
  const waits: (() => void)[] = []
  const supervisor = createSupervisor({
    collectors: collectorsOf(looks.clock),
    ...{ clock, looks, maxLookMs: () => MAX_LOOK_MS, random: () => 0.5 },
    sleep: (_, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waits.push(resolve)
      return Promise.race([promise, aborted(signal)])
    },
    bookmark: () => undefined,
    onBatch: (_, batch) => void batches.push(batch),
    onChange: ({ state, reason }) => void changes.push(`${state}: ${reason}`),
  })
  const ended = supervisor.run(aborter.signal)
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    ...{ supervisor, batches, changes, waits, ended, settle },
    stop: () => aborter.abort(),
    /** The time is this many ms later, and whoever waits for a tick has one. */
    async pass(ms: number, stepMs = 2_000) {
      for (const endMs = nowMs + ms; nowMs < endMs; ) {
        nowMs += stepMs
        ticked.resolve()
        ticked = Promise.withResolvers()
        await settle()
        supervisor.check(nowMs)
        await settle()
      }
    },
    /** Whoever waits to start again does. */
    async restart() {
      for (const wake of waits.splice(0)) wake()
      await settle()
    },
  }
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Looks by the clock, and hangs from look to look as it is told. */
function polled(hangs: () => Promise<void> | undefined, counts = { looks: 0, closed: 0 }) {
  return (clock: Clock): Collector => ({
    ...{ dataset: 'test', description: 'a test', counters: zeroCounters(), seesConnections: true },
    async *batches(signal) {
      try {
        for await (const atMs of clock.ticks(2_000, signal)) {
          await hangs()
          counts.looks++
          if (counts.looks % 10 === 1) yield { events: [sight(atMs)] }
        }
      } finally {
        counts.closed++
      }
    },
  })
}

const sight = (atMs: number): Event => ({
  ...{ kind: 'name-resolved', atMs, dataset: 'test', domain: 'a.example', addresses: [] },
})

t.test('a look that does not end is given up, told, and begun anew', async (t) => {
  let stuck: PromiseWithResolvers<void> | undefined
  const counts = { looks: 0, closed: 0 }
  const agent = atHand((clock) => [polled(() => stuck?.promise, counts)(clock)])
  await agent.pass(20_000)
  stuck = Promise.withResolvers()
  const { resolve } = stuck
  await agent.pass(MAX_LOOK_MS + 4_000)
  t.match(agent.changes, [/^running/, /^lost: no answer from its source in 60 s; see whether/])
  t.equal(counts.closed, 0, 'it is still stuck')
  stuck = undefined
  const before = agent.batches.length
  await agent.restart()
  t.match(agent.changes.at(-1), /^running/)
  const blind = { kind: 'loss', reason: 'unavailable', fromMs: 21_000, atMs: 85_000 }
  t.match(agent.batches[before]?.events, [blind], 'blind since the last look that ended')
  await agent.pass(2_000)
  const told = agent.batches.length
  resolve()
  await agent.settle()
  t.equal(agent.batches.length, told, 'what the first one had is dropped')
  t.equal(counts.closed, 1, 'and what it held is let go')
  t.match(agent.supervisor.statuses(), [{ state: 'running', restarts: 1 }])
  agent.stop()
  await agent.ended
})

t.test('a quiet source is not held to hang, by the clock or listening', async (t) => {
  const listener = (signals: boolean): Collector => ({
    ...{ dataset: 'listens', description: 'a test', counters: zeroCounters() },
    async *batches(signal) {
      if (signals) yield { events: [] }
      await once(signal, 'abort')
    },
  })
  const quiet = (clock: Clock): Collector => ({
    ...listener(true),
    async *batches(signal) {
      for await (const _ of clock.ticks(2_000, signal)) if (signal.aborted) yield { events: [] }
    },
  })
  const agent = atHand((clock) => [listener(true), quiet(clock), listener(false)])
  await agent.pass(10 * MAX_LOOK_MS)
  t.match(agent.supervisor.statuses(), [
    { state: 'running', restarts: 0 },
    { state: 'running', restarts: 0 },
    { state: 'lost', reason: /no answer/ },
  ])
  t.strictSame(agent.batches, [], 'signs of life are never written')
  agent.stop()
  await agent.ended
})

t.test('a host that slept, or a busy event loop, makes no one hang', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const agent = atHand((clock) => [polled(() => promise)(clock)])
  await agent.pass(3_600_000, 3_600_000)
  t.strictSame(agent.changes, [], 'an hour in one step')
  resolve()
  await agent.pass(2_000)
  t.match(agent.changes, [/^running/])
  agent.stop()
  await agent.ended
})

t.test('who hangs again and again does not take all threads with it', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const counts = { looks: 0, closed: 0 }
  let starts = 0
  const agent = atHand((clock) => {
    const collector = polled(() => promise, counts)(clock)
    const batches: Collector['batches'] = (...handed) => {
      starts++
      return collector.batches(...handed)
    }
    return [{ ...collector, batches }]
  })
  for (let i = 0; i < 5; i++) {
    await agent.pass(MAX_LOOK_MS + 4_000)
    await agent.restart()
  }
  t.equal(starts, 2, 'two are stuck, and no third')
  resolve()
  await agent.settle()
  await agent.restart()
  await agent.pass(2_000)
  t.equal(starts, 3, 'until one comes back')
  t.equal(counts.closed, 2)
  t.match(agent.supervisor.statuses(), [{ state: 'running' }])
  agent.stop()
  await agent.ended
})

t.test('the agent ends though a collector hangs', async (t) => {
  const agent = atHand((clock) => [polled(() => new Promise(() => {}))(clock)])
  await agent.settle()
  agent.stop()
  await agent.settle()
  await agent.restart()
  await t.resolves(agent.ended)
})

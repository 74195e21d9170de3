import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { documentId } from '../../../agent/ship/bulk.ts'
import { httpEndpoint } from '../../../agent/ship/endpoint.ts'
import { httpTarget } from '../../../agent/ship/http-target.ts'
import { formatsOf } from '../../../agent/ship/output.ts'
import { createShipper, type ShipperOptions } from '../../../agent/ship/shipper.ts'
import type { AlertRecord } from '../../../storage/alert.ts'
import { openStore } from '../../../storage/database.ts'
import { holdsAsync } from '../../support/holds.ts'
import { anOutput } from '../../support/output.ts'
import { type Fault, type ReceiverOptions, startReceiver } from '../../support/receiver.ts'
import { alerted } from '../../support/store.ts'

const NOW_MS = 1_000_000
const formats = (kind: 'bulk' | 'ndjson') =>
  formatsOf(anOutput({ format: kind === 'bulk' ? 'elasticsearch' : 'ndjson' }))

interface Setup {
  readonly kind?: 'bulk' | 'ndjson'
  readonly alerts?: readonly AlertRecord[]
  readonly options?: Partial<ShipperOptions>
  readonly receiver?: ReceiverOptions
}

/** A shipper between a store in memory and a receiver, and the waits that it asked for. */
async function setup(t: Test, setup: Setup = {}) {
  const { kind = 'bulk', alerts = [], options = {} } = setup
  const receiver = await startReceiver(kind, setup.receiver)
  const store = openStore({ folder: ':memory:' })
  const endpoint = httpEndpoint({ url: receiver.url, timeoutMs: 300 })
  const waits: number[] = []
  const stop = new AbortController()
  store.record({ alerts })
  const shipper = createShipper({
    output: 'main',
    store,
    target: httpTarget(endpoint, formats(kind)),
    clock: { now: () => NOW_MS },
    sleep: async (ms) => {
      waits.push(ms)
      // Nothing more to do than to wait for news: the test is over.
      if (ms === 30_000 || waits.length > 50) stop.abort()
    },
    random: () => 1,
    ...options,
  })
  t.teardown(async () => {
    await endpoint.close()
    await receiver.close()
    store.close()
  })
  const flushed = async () => {
    let attempts = 1
    while (!(await shipper.flush())) attempts += 1
    return attempts
  }
  return { receiver, store, shipper, waits, flushed, run: () => shipper.run(stop.signal) }
}

const some = (n: number, rest: Partial<AlertRecord> = {}) =>
  Array.from({ length: n }, (_, i) => alerted(`a${String(i).padStart(3, '0')}`, i, rest))

for (const kind of ['bulk', 'ndjson'] as const) {
  t.test(`ships what waits, once, to ${kind}`, async (t) => {
    const { receiver, store, shipper } = await setup(t, { kind, alerts: some(7) })
    t.equal(await shipper.flush(), true)
    t.equal(await shipper.flush(), true)
    t.equal(receiver.requests.length, 1)
    t.strictSame([...receiver.documents.values()], Array(7).fill(1))
    t.match(store.stats().alerts, { waiting: 0, sent: 7 })
    t.match(shipper.status(), { lastAnswer: '7 taken', lastAnswerMs: NOW_MS, failuresInRow: 0 })
  })
}

t.test('before the first answer it tells where it would ship to', async (t) => {
  const { receiver, shipper } = await setup(t)
  const place = `${receiver.url}/`
  t.strictSame(shipper.status(), { name: 'main', place, failuresInRow: 0 })
})

t.test('a later revision is a document of its own', async (t) => {
  const { receiver, store, shipper } = await setup(t, { alerts: [alerted('a', 1)] })
  await shipper.flush()
  store.record({ alerts: [alerted('a', 2, { send: false })] })
  await shipper.flush()
  store.record({ alerts: [alerted('a', 3)] })
  await shipper.flush()
  t.strictSame([...receiver.documents.keys()], ['a', 'a.2'])
})

t.test('a document refused for good is kept with the reason, and blocks no other', async (t) => {
  for (const kind of ['bulk', 'ndjson'] as const) {
    const alerts = [...some(5), alerted('bad', 2, { document: '{"poison":1}' })]
    const { receiver, store, shipper } = await setup(t, { kind, alerts })
    t.equal(await shipper.flush(), true, kind)
    t.equal(receiver.documents.size, 5)
    t.match(store.alert('bad'), { rejected: kind === 'bulk' ? /document_parsing/ : /HTTP 400/ })
    t.match(shipper.status(), { lastAnswer: '5 taken, 1 rejected', failuresInRow: 0 })
  }
})

t.test('an endpoint that refuses everything costs no alert', async (t) => {
  const alerts = some(4, { document: '{"poison":1}' })
  const { store, shipper } = await setup(t, { kind: 'ndjson', alerts })
  t.equal(await shipper.flush(), false)
  t.match(store.stats().alerts, { waiting: 4 })
  t.match(shipper.status(), { lastAnswer: /HTTP 400: bad document/, failuresInRow: 1 })
})

for (const fault of [
  '401',
  '404',
  '301',
  '503',
  'garbage',
  'items-503',
  'reset',
  'slow',
] as const) {
  t.test(`${fault} keeps every alert, and it is sent again`, async (t) => {
    const { receiver, store, shipper } = await setup(t, { alerts: some(3) })
    receiver.faults = [fault, fault]
    t.equal(await shipper.flush(), false)
    t.equal(await shipper.flush(), false)
    t.match(store.stats().alerts, { waiting: 3 })
    t.equal(shipper.status().failuresInRow, 2)
    t.notMatch(shipper.status().lastAnswer, /\p{C}/u)
    t.equal(await shipper.flush(), true)
    t.strictSame([...receiver.documents.values()], [1, 1, 1])
    t.equal(shipper.status().failuresInRow, 0)
  })
}

t.test('a request that is too large is halved, and the next ones are smaller', async (t) => {
  const { receiver, store, flushed } = await setup(t, { alerts: some(40) })
  receiver.maxBodyBytes = 1_500
  await flushed()
  t.equal(receiver.documents.size, 40)
  t.match(store.stats().alerts, { waiting: 0 })
})

t.test('when one half is not answered, the other is not tried', async (t) => {
  const { receiver, store, shipper } = await setup(t, { alerts: some(4) })
  receiver.faults = ['413', '503']
  t.equal(await shipper.flush(), false)
  t.equal(receiver.requests.length, 2)
  t.match(store.stats().alerts, { waiting: 4 })
})

t.test('an alert too large for the endpoint is told so, and the others go', async (t) => {
  const document = JSON.stringify({ noise: 'x'.repeat(5_000) })
  const alerts = [alerted('huge', 5, { document }), ...some(9)]
  const { receiver, store, flushed } = await setup(t, { alerts })
  receiver.maxBodyBytes = 2_000
  t.equal(await flushed(), 1)
  t.equal(receiver.documents.size, 9)
  t.match(store.alert('huge'), { rejected: /HTTP 413/ })
})

t.test('a request is bounded by bytes', async (t) => {
  const document = JSON.stringify({ '@timestamp': 1, noise: 'x'.repeat(1_000) })
  const { receiver, flushed } = await setup(t, {
    alerts: some(10, { document }),
    options: { maxBytes: 3_500 },
  })
  await flushed()
  t.strictSame(
    receiver.requests.map(({ lines }) => lines.length / 2),
    [3, 3, 3, 1],
  )
})

t.test(
  'waits longer after each failure, as long as the endpoint asks, and then for news',
  async (t) => {
    const { receiver, waits, run } = await setup(t, { alerts: some(2) })
    receiver.faults = ['503', '503', '429', '503', 'items-429']
    await run()
    t.strictSame(waits, [1_000, 2_000, 7_000, 8_000, 1_000, 30_000])
    t.equal(receiver.documents.size, 2)
  },
)

t.test('news end the wait for news, but no wait after a failure', async (t) => {
  const stop = new AbortController()
  const asked: number[] = []
  let onSleep = (_ms: number) => {}
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      asked.push(ms)
      signal.addEventListener('abort', () => resolve(), { once: true })
      onSleep(ms)
    })
  const { receiver, store, shipper } = await setup(t, { options: { sleep } })
  const asleep = () =>
    new Promise<number>((resolve) => {
      onSleep = resolve
    })
  let next = asleep()
  const running = shipper.run(stop.signal)
  t.equal(await next, 30_000)
  next = asleep()
  receiver.faults = ['none', '503']
  store.record({ alerts: [alerted('a', 1)] })
  shipper.wake()
  t.equal(await next, 30_000)
  t.equal(receiver.documents.size, 1)
  next = asleep()
  store.record({ alerts: [alerted('b', 2)] })
  shipper.wake()
  t.equal(await next, 1_000, 'it failed')
  shipper.wake()
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(asked, [30_000, 30_000, 1_000])
  stop.abort()
  await running
})

t.test('a store that cannot write makes it try again, and nothing is doubled', async (t) => {
  const store = openStore({ folder: ':memory:' })
  store.record({ alerts: some(3) })
  let isFull = true
  const full: ShipperOptions['store'] = {
    unsentAlerts: (output, limit) => store.unsentAlerts(output, limit),
    markRejected: (output, rejected, atMs) => store.markRejected(output, rejected, atMs),
    markSent(output, sent) {
      if (isFull) openStore({ folder: '/dev/null' })
      store.markSent(output, sent)
    },
  }
  const { receiver, shipper } = await setup(t, { options: { store: full } })
  t.equal(await shipper.flush(), false)
  t.match(shipper.status().lastAnswer, /\/dev\/null/)
  isFull = false
  t.equal(await shipper.flush(), true)
  t.strictSame([...receiver.documents.values()], [1, 1, 1])
  t.match(store.stats().alerts, { waiting: 0, sent: 3 })
})

t.test('rounds of run and flush do not overlap', async (t) => {
  const { receiver, shipper, run } = await setup(t, { alerts: some(30), options: { maxAlerts: 4 } })
  await Promise.all([run(), shipper.flush(), shipper.flush()])
  const ids = receiver.requests.flatMap(({ lines }) =>
    lines.filter((line) => line.includes('"create"')),
  )
  t.equal(ids.length, 30)
  t.equal(new Set(ids).size, 30)
})

t.test('an endpoint that refuses every document is not asked for each', async (t) => {
  const alerts = some(200, { document: '{"poison":1}' })
  const { receiver, store, shipper } = await setup(t, { kind: 'ndjson', alerts })
  t.equal(await shipper.flush(), false)
  t.ok(receiver.requests.length < 30, `${receiver.requests.length} requests`)
  t.match(store.stats(), { alerts: { waiting: 200 }, deadLetters: 0 })
})

t.test('a few bad ones side by side do not stay in the way of the others', async (t) => {
  for (const seed of [0.1, 0.9]) {
    let draw = seed
    const random = () => {
      draw = (draw * 9.7 + 0.31) % 1
      return draw
    }
    const bad = Array.from({ length: 12 }, (_, i) =>
      alerted(`bad${i}`, i, { document: '"poison"' }),
    )
    const setting = { kind: 'ndjson', alerts: [...bad, ...some(100)], options: { random } } as const
    const { receiver, store, flushed } = await setup(t, setting)
    t.ok((await flushed()) < 20)
    t.equal(receiver.documents.size, 100)
    t.match(store.stats(), { alerts: { waiting: 0 }, deadLetters: 12 })
  }
})

const report = (id: string, document = '{"@timestamp":1}') => ({ id, revision: 1, document })
const HEALTH_PATH = /^\/metrics-tidewatch\.health-default\/_bulk/

t.test('health goes to a stream of its own, behind the alerts, the newest only', async (t) => {
  const { receiver, store, shipper } = await setup(t, { alerts: some(2) })
  shipper.report(report('h1'))
  shipper.report(report('h2'))
  t.equal(await shipper.flush(), true)
  t.match(
    receiver.requests.map(({ path }) => path),
    [/^\/logs-tidewatch\.alert-default\/_bulk/, HEALTH_PATH],
  )
  t.strictSame([...receiver.documents.keys()], ['a000', 'a001', 'h2'])
  t.match(shipper.status(), { lastAnswer: 'health taken', failuresInRow: 0 })
  t.equal(await shipper.flush(), true)
  t.equal(receiver.requests.length, 2, 'once')
  t.equal(store.stats().deadLetters, 0)
})

t.test('health that is not taken is told, never tried again, and holds up no alert', async (t) => {
  const writable = ['logs-tidewatch.alert-default']
  const { receiver, store, shipper } = await setup(t, { receiver: { writable } })
  for (const id of ['h1', 'h2', 'h3']) {
    shipper.report(report(id))
    t.equal(await shipper.flush(), true)
  }
  t.match(shipper.status(), { lastAnswer: /health not taken: 403 .*unauth/, failuresInRow: 3 })
  store.record({ alerts: some(2) })
  t.equal(await shipper.flush(), true)
  t.match(shipper.status(), { lastAnswer: '2 taken', failuresInRow: 0 })
  t.equal(receiver.documents.size, 2)
  t.equal(store.stats().deadLetters, 0)
})

t.test('of health that is refused for good one dead letter is kept', async (t) => {
  const { store, shipper } = await setup(t)
  for (const id of ['h1', 'h2']) {
    shipper.report(report(id, `{"of":"${id}"}`))
    await shipper.flush()
  }
  t.match(store.deadLetters(9), [{ output: 'main', id: 'health', document: '{"of":"h2"}' }])
  t.equal(store.stats().deadLetters, 1)
})

t.test('a report wakes the shipper', async (t) => {
  const stop = new AbortController()
  let asleep = () => {}
  const sleep = (_ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      asleep()
    })
  const { receiver, shipper } = await setup(t, { options: { sleep } })
  const sleeps = () =>
    new Promise<void>((resolve) => {
      asleep = resolve
    })
  const first = sleeps()
  const running = shipper.run(stop.signal)
  await first
  const second = sleeps()
  shipper.report(report('h1'))
  await second
  t.strictSame([...receiver.documents.keys()], ['h1'])
  stop.abort()
  await running
})

const poisonOf = (id: string) => JSON.stringify({ '@timestamp': 1, event: { id }, poison: 'x' })

t.test('under any schedule of failures', async (t) => {
  const faults: Fault[] = [
    'none',
    'reset',
    'reset-after',
    'cut',
    'garbage',
    '429',
    '503',
    '413',
    '404',
    'items-429',
    'items-503',
  ]
  const step = fc.record({
    faults: fc.array(fc.constantFrom(...faults), { maxLength: 5 }),
    updates: fc.array(fc.tuple(fc.nat(6), fc.boolean(), fc.nat(5)), { maxLength: 6 }),
    isDown: fc.boolean(),
    reopens: fc.boolean(),
  })
  let run = 0
  const dir = t.testdir()
  for (const kind of ['bulk', 'ndjson'] as const) {
    const nothingLost = fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
      const folder = join(dir, `${kind}-${run++}`)
      const receiver = await startReceiver(kind)
      const endpoint = httpEndpoint({ url: receiver.url, timeoutMs: 2_000 })
      let store = openStore({ folder })
      const shipper = () =>
        createShipper({
          output: 'main',
          store,
          target: httpTarget(endpoint, formats(kind)),
          clock: { now: () => NOW_MS },
          sleep: async () => {},
          random: () => 0,
          maxAlerts: 4,
        })
      const wanted = new Set<string>()
      let atMs = 0
      for (const { faults, updates, isDown, reopens } of steps) {
        const alerts = updates.map(([n, send, kind]) =>
          alerted(`a${n}`, ++atMs, kind === 0 ? { send, document: poisonOf(`a${n}`) } : { send }),
        )
        store.record({ alerts })
        for (const { id, send } of alerts) if (send) wanted.add(id)
        receiver.faults = [...faults]
        if (isDown) await receiver.down()
        await shipper().flush()
        if (isDown) await receiver.up()
        if (reopens) {
          store.close()
          store = openStore({ folder })
        }
      }
      receiver.faults = []
      // One that any output takes: without it nothing shows whose fault a refusal is.
      store.record({ alerts: [alerted('last', ++atMs)] })
      for (let i = 0; i < 20 && !(await shipper().flush()); i++);
      const left = store.stats().alerts
      const latest = [...wanted].map((id) => store.alert(id))
      store.close()
      await endpoint.close()
      await receiver.close()
      const isAllHere = latest.every((alert) => {
        if (alert === undefined) return false
        // Refused for good (or too large even alone) where others are taken: told, and in no one's way.
        // Only poison is answered with 400; the words of an answer may be cut off.
        if (alert.rejected !== undefined) return /413|poison|HTTP 400/.test(alert.rejected)
        if (kind === 'bulk') return receiver.documents.has(documentId(alert))
        return [...receiver.documents.keys()].some((line) => line.includes(`"${alert.id}"`))
      })
      const isOnceById = kind === 'ndjson' || [...receiver.documents.values()].every((n) => n === 1)
      return isAllHere && isOnceById && left.waiting === 0
    })
    const name = kind === 'bulk' ? 'nothing is lost, nor doubled by _id' : 'nothing is lost'
    await holdsAsync(t, `${name} (${kind})`, nothingLost, { numRuns: 60 })
  }
})

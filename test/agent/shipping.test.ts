import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../agent/clock.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import { checkOutputs, createShipping, type Shipping } from '../../agent/shipping.ts'
import { openStore } from '../../storage/database.ts'
import { startReceiver } from '../support/receiver.ts'
import { alerted } from '../support/store.ts'
import { until } from '../support/until.ts'

async function shippingOf(text: string) {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const store = openStore({ folder: ':memory:' })
  store.record({ alerts: [alerted('a', 1_000)] })
  return {
    store,
    shipping: await createShipping(parsed.config.ship, store, {
      clock: systemClock(),
      random: () => 0.5,
    }),
  }
}

/** Runs until `isDone`, for some seconds at most. */
async function shipped(shipping: Shipping, isDone: () => boolean): Promise<boolean> {
  const stop = new AbortController()
  const running = shipping.run(stop.signal)
  const isIt = await until('it is shipped', isDone, 5_000).then(
    () => true,
    () => false,
  )
  stop.abort()
  await running
  await shipping.close()
  return isIt
}

t.test('without an output alerts stay on this host', async (t) => {
  const { store, shipping } = await shippingOf('')
  t.strictSame(shipping.statuses(), [])
  await shipping.run(new AbortController().signal)
  t.match(store.stats().alerts, { waiting: 1, sent: 0 })
})

t.test('an alert reaches the endpoint that the configuration names', async (t) => {
  const receiver = await startReceiver('ndjson')
  t.teardown(receiver.close)
  const { store, shipping } = await shippingOf(`ship: { url: "${receiver.url}", format: ndjson }`)
  t.match(shipping.statuses(), [{ name: 'main', place: `${receiver.url}/` }])
  t.ok(await shipped(shipping, () => store.stats().alerts.sent === 1))
})

t.test('each output gets all, and one that is away keeps no other from it', async (t) => {
  const [soc, hook] = [await startReceiver('bulk'), await startReceiver('ndjson')]
  t.teardown(soc.close)
  t.teardown(hook.close)
  const file = join(t.testdir(), 'alerts.ndjson')
  const { store, shipping } = await shippingOf(`
ship:
  url: "${soc.url}"
  outputs:
    hook: { url: "${hook.url}", format: ndjson, health: false, batchSize: 1, method: PUT, compression: zstd }
    archive: { path: ${file} }
    away: { url: "http://127.0.0.1:1" }
`)
  shipping.report({ id: 'h', revision: 1, document: '{"@timestamp":1,"of":"health"}' })
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
  const isDone = () => soc.documents.size === 2 && hook.documents.size === 1 && lines().length === 2
  t.ok(await shipped(shipping, isDone))
  t.strictSame([...soc.documents.keys()], ['a', 'h'])
  t.match(hook.requests, [
    { method: 'PUT', headers: { 'content-type': 'application/json', 'content-encoding': 'zstd' } },
  ])
  t.match(lines()[1], '"of":"health"')
  t.match(store.stats().alerts, { waiting: 1, sent: 0 }, 'as long as one has not got it')
  t.match(shipping.statuses().at(-1), { name: 'away', lastAnswer: /ECONNREFUSED/ })
})

t.test('of several hosts the next is asked where one is away', async (t) => {
  const receiver = await startReceiver('bulk')
  t.teardown(receiver.close)
  const { store, shipping } = await shippingOf(
    `ship: { url: ["http://127.0.0.1:1", "${receiver.url}", "http://127.0.0.1:2"] }`,
  )
  t.ok(await shipped(shipping, () => store.stats().alerts.sent === 1))
  t.match(shipping.statuses(), [{ place: `${receiver.url}/`, failuresInRow: 0 }])
})

t.test('a check goes to each host of each output', async (t) => {
  const receiver = await startReceiver('bulk')
  t.teardown(receiver.close)
  const parsed = parseConfig(
    `ship: { url: ["http://127.0.0.1:1", "${receiver.url}"], outputs: { file: { path: /nonexistent/x } } }`,
  )
  const checks = parsed.ok ? await checkOutputs(parsed.config.ship, 0) : []
  t.strictSame(
    checks.map(({ output, steps }) => `${output} ${steps.at(-1)?.result}`),
    ['main failed', 'main ok', 'file failed'],
  )
})

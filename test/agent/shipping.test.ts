import t from 'tap'
import { systemClock } from '../../agent/clock.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import { createShipping } from '../../agent/shipping.ts'
import { openStore } from '../../storage/database.ts'
import { startReceiver } from '../support/receiver.ts'
import { alerted } from '../support/store.ts'

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

t.test('without an endpoint alerts stay on this host', async (t) => {
  t.equal((await shippingOf('')).shipping, undefined)
})

t.test('an alert reaches the endpoint that the configuration names', async (t) => {
  const receiver = await startReceiver('ndjson')
  const { store, shipping } = await shippingOf(`ship: { url: "${receiver.url}", format: ndjson }`)
  t.ok(await shipping?.shipper.flush())
  t.match(store.stats().alerts, { waiting: 0, sent: 1 })
  await shipping?.endpoint.close()
  await receiver.close()
})

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { nextDelayMs, sendOnce, startReceiver } from '../../../agent/commands/simulate-transfers.ts'

t.test('what is sent is received, on this host and a connection each', async (t) => {
  const receiver = await startReceiver()
  t.teardown(() => receiver.close())
  for (const _ of [1, 2, 3]) t.equal(await sendOnce(new URL(receiver.url), 100_000), undefined)
  t.equal(receiver.receivedBytes(), 300_000)
})

t.test('a refusal is told, an answer of any kind is one', async (t) => {
  t.match(await sendOnce(new URL('http://127.0.0.1:9/'), 10), /nobody listens/)
  const closes = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => closes.listen(0, '127.0.0.1', resolve))
  t.teardown(() => closes.close())
  const { port } = closes.address() as AddressInfo
  t.ok(await sendOnce(new URL(`http://127.0.0.1:${port}/`), 10))
})

t.test('jitter is within its share of the period', async (t) => {
  t.equal(nextDelayMs(10_000, 0, 0.3), 10_000)
  t.strictSame(
    [0, 0.5, 1].map((chance) => nextDelayMs(10_000, 0.3, chance)),
    [7_000, 10_000, 13_000],
  )
})

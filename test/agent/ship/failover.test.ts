import t from 'tap'
import type { Endpoint } from '../../../agent/ship/endpoint.ts'
import { failover } from '../../../agent/ship/failover.ts'
import { AgentError } from '../../../platform/errors.ts'

/** Hosts that answer by what `state` says of them: a status, or no answer. */
function hosts(state: Record<string, number | 'away' | 'bug'>) {
  const asked: string[] = []
  const endpoints = Object.keys(state).map(
    (url): Endpoint => ({
      url,
      async post() {
        asked.push(url)
        const now = state[url]
        if (now === 'bug') throw new TypeError('no such thing')
        if (typeof now !== 'number') throw new AgentError('ERR_ENDPOINT', `${url}: refused`)
        return { status: now }
      },
      close: async () => void asked.push(`close ${url}`),
    }),
  )
  const post = (endpoint: Endpoint, signal?: AbortSignal) => endpoint.post('', '', '', signal)
  return { endpoints, asked, post }
}

t.test('the next host is asked where one is away, and kept', async (t) => {
  for (const gone of ['away', 502, 503, 504] as const) {
    const state = { a: gone, b: 200, c: 200 }
    const { endpoints, asked, post } = hosts(state)
    const cluster = failover(endpoints, 0)
    t.equal(cluster.url, 'a')
    t.strictSame(await post(cluster), { status: 200 })
    t.equal(cluster.url, 'b')
    await post(cluster)
    t.strictSame(asked, ['a', 'b', 'b'], String(gone))
  }
})

t.test('what is no word about the host stays with it', async (t) => {
  for (const status of [401, 413, 429, 500]) {
    const { endpoints, asked, post } = hosts({ a: status, b: 200 })
    t.strictSame(await post(failover(endpoints, 0)), { status })
    t.strictSame(asked, ['a'])
  }
})

t.test('each is asked once, from where it is told to start; the last word counts', async (t) => {
  const { endpoints, asked, post } = hosts({ a: 503, b: 'away', c: 502 })
  t.strictSame(await post(failover(endpoints, 1)), { status: 503 })
  t.strictSame(asked, ['b', 'c', 'a'])
  await t.rejects(post(failover(hosts({ a: 503, b: 'away' }).endpoints, 0)), { message: /^b:/ })
})

t.test('an abort or a bug moves on to no other', async (t) => {
  const aborted = hosts({ a: 'away', b: 200 })
  await t.rejects(aborted.post(failover(aborted.endpoints, 0), AbortSignal.abort()))
  t.strictSame(aborted.asked, ['a'])
  const { endpoints, post } = hosts({ a: 'bug', b: 200 })
  await t.rejects(post(failover(endpoints, 0)), TypeError)
})

t.test('closing closes all', async (t) => {
  const { endpoints, asked } = hosts({ a: 200, b: 200 })
  await failover(endpoints, 0).close()
  t.strictSame(asked, ['close a', 'close b'])
})

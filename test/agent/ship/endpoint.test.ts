import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type EndpointOptions, httpEndpoint } from '../../../agent/ship/endpoint.ts'
import { startReceiver } from '../../support/receiver.ts'

const JSON_LINES = 'application/x-ndjson'

async function pair(t: Test, options: Partial<EndpointOptions> = {}, base = '') {
  const receiver = await startReceiver('ndjson')
  const endpoint = httpEndpoint({ url: receiver.url + base, timeoutMs: 2_000, ...options })
  t.teardown(async () => {
    await endpoint.close()
    await receiver.close()
  })
  return { receiver, endpoint, post: () => endpoint.post('', '{"a":1}\n', JSON_LINES) }
}

t.test('posts a body, and gives the answer', async (t) => {
  const { receiver, post } = await pair(t)
  t.match(await post(), { status: 200, body: /thank you/ })
  t.match(receiver.requests, [
    {
      path: '/',
      lines: ['{"a":1}'],
      headers: { 'content-type': JSON_LINES, 'content-encoding': 'gzip' },
    },
  ])
})

t.test('sends plain text or zstd, and by PUT, where it is to', async (t) => {
  const plain = await pair(t, { compression: 'none' })
  t.match(await plain.post(), { status: 200 })
  t.equal(plain.receiver.requests[0]?.headers['content-encoding'], undefined)
  const zstd = await pair(t, { compression: 'zstd', method: 'PUT' })
  t.match(await zstd.post(), { status: 200 })
  t.match(zstd.receiver.requests, [
    { method: 'PUT', lines: ['{"a":1}'], headers: { 'content-encoding': 'zstd' } },
  ])
})

t.test('a get asks without telling anything', async (t) => {
  const { receiver, endpoint } = await pair(t)
  await endpoint.get('x')
  t.match(receiver.requests, [{ method: 'GET', path: '/x', lines: [] }])
  t.notOk('content-encoding' in (receiver.requests[0]?.headers ?? {}))
})

t.test('a path is relative to the URL', async (t) => {
  const { receiver, endpoint, post } = await pair(t, {}, '/elastic/?x=1')
  await endpoint.post('stream/_bulk?filter_path=items', '{"a":1}\n', JSON_LINES)
  await post()
  t.strictSame(
    receiver.requests.map(({ path }) => path),
    ['/elastic/stream/_bulk?filter_path=items', '/elastic/?x=1'],
  )
})

t.test('credentials come from files, read anew for each request', async (t) => {
  const file = join(t.testdir({ bearer: 'one\n' }), 'bearer')
  const { receiver, post } = await pair(t, { bearerFile: file })
  await post()
  writeFileSync(file, 'two')
  await post()
  t.strictSame(
    receiver.requests.map(({ headers }) => headers.authorization),
    ['Bearer one', 'Bearer two'],
  )
})

t.test(
  'an endpoint that refuses, breaks off or is silent is an error; the next attempt works',
  async (t) => {
    const { receiver, post } = await pair(t, { timeoutMs: 300 })
    await receiver.down()
    await t.rejects(post(), { code: 'ERR_ENDPOINT', message: /^127\.0\.0\.1:\d+: .*ECONNREFUSED/ })
    await receiver.up()
    receiver.faults = ['reset', 'slow']
    await t.rejects(post(), { code: 'ERR_ENDPOINT', remedy: /./ })
    await t.rejects(post(), { code: 'ERR_ENDPOINT', message: /no answer within 300 ms/ })
    t.match(await post(), { status: 200 })
  },
)

t.test('an answer that breaks off is told without its body', async (t) => {
  const { receiver, post } = await pair(t)
  receiver.faults = ['cut']
  t.strictSame(await post(), { status: 200 })
})

t.test('a redirect is an answer, and not followed', async (t) => {
  const { receiver, post } = await pair(t)
  receiver.faults = ['301', '429']
  t.match(await post(), { status: 301 })
  t.match(await post(), { status: 429, retryAfter: '7' })
})

t.test('an abort ends the request', async (t) => {
  const { receiver, endpoint } = await pair(t)
  receiver.faults = ['slow']
  const stop = new AbortController()
  const posted = endpoint.post('', '{}\n', JSON_LINES, stop.signal)
  setImmediate(() => stop.abort())
  await t.rejects(posted, { code: 'ERR_ENDPOINT' })
})

for (const url of ['ftp://host/', 'https://user:pass@host/', 'host:9200', '']) {
  t.test(`refuses ${url || 'an empty URL'}, without repeating it`, async (t) => {
    t.throws(() => httpEndpoint({ url }), { code: 'ERR_ENDPOINT', message: /^the endpoint is no/ })
  })
}

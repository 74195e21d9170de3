import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
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
  const { receiver, post } = await pair(t, { headers: { 'x-tenant': 'blue' } })
  t.match(await post(), { status: 200, body: /thank you/ })
  t.match(receiver.requests, [
    {
      path: '/',
      lines: ['{"a":1}'],
      headers: { 'content-type': JSON_LINES, 'content-encoding': 'gzip', 'x-tenant': 'blue' },
    },
  ])
})

t.test('sends plain text where it is to', async (t) => {
  const { receiver, post } = await pair(t, { isGzip: false })
  t.match(await post(), { status: 200 })
  t.equal(receiver.requests[0]?.headers['content-encoding'], undefined)
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
  const dir = t.testdir({
    encoded: 'aWQ6a2V5\n',
    plain: 'id:key\n',
    basic: 'elastic:pass\n',
    bearer: 'one\n',
  })
  const sent = async (options: Partial<EndpointOptions>, change = () => {}) => {
    const { receiver, post } = await pair(t, options)
    await post()
    change()
    await post()
    return receiver.requests.map(({ headers }) => headers.authorization)
  }
  const [encoded] = await sent({ apiKeyFile: join(dir, 'encoded') })
  const [plain] = await sent({ apiKeyFile: join(dir, 'plain') })
  const [basic] = await sent({ basicFile: join(dir, 'basic') })
  const bearer = await sent({ bearerFile: join(dir, 'bearer') }, () =>
    writeFileSync(join(dir, 'bearer'), 'two'),
  )
  t.strictSame([encoded, plain], ['ApiKey aWQ6a2V5', 'ApiKey aWQ6a2V5'])
  t.equal(basic, `Basic ${btoa('elastic:pass')}`)
  t.strictSame(bearer, ['Bearer one', 'Bearer two'])
})

t.test('a key that cannot be read names its file, not its content', async (t) => {
  const { post } = await pair(t, { apiKeyFile: '/nonexistent/key' })
  await t.rejects(post(), {
    code: 'ERR_ENDPOINT',
    message: '/nonexistent/key: cannot be read (ENOENT)',
  })
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

t.test('over TLS', async (t) => {
  const dir = t.testdir()
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  try {
    for (const name of ['server', 'client']) {
      const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
      const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
      openssl('req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '2', ...subject, ...files)
    }
  } catch {
    t.pass('no openssl here to make certificates', { skip: 'needs openssl' })
    return
  }
  const read = (name: string) => readFileSync(join(dir, name))
  const server = { key: read('server.key'), cert: read('server.pem') }
  const receiver = await startReceiver('ndjson', server)
  t.teardown(() => receiver.close())
  const post = async (options: Partial<EndpointOptions>) => {
    const endpoint = httpEndpoint({ url: receiver.url, timeoutMs: 2_000, ...options })
    return endpoint.post('', '{"a":1}\n', JSON_LINES).finally(() => endpoint.close())
  }
  const caFile = join(dir, 'server.pem')
  const client = {
    clientCertificateFile: join(dir, 'client.pem'),
    clientKeyFile: join(dir, 'client.key'),
  }
  await t.rejects(
    post({}),
    { code: 'ERR_ENDPOINT', message: /self.signed/ },
    'an unknown authority',
  )
  t.match(await post({ caFile }), { status: 200 }, 'its own authority')

  const strict = await startReceiver('ndjson', {
    ...server,
    ca: read('client.pem'),
    requestCert: true,
    rejectUnauthorized: true,
  })
  t.teardown(() => strict.close())
  await t.rejects(
    post({ url: strict.url, caFile }),
    { code: 'ERR_ENDPOINT' },
    'where one is required',
  )
  t.match(await post({ url: strict.url, caFile, ...client }), { status: 200 })

  const old = await startReceiver('ndjson', {
    ...server,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
  })
  t.teardown(() => old.close())
  await t.rejects(post({ url: old.url, caFile }), { code: 'ERR_ENDPOINT' }, 'nothing below TLS 1.2')
})

import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { type EndpointOptions, httpEndpoint } from '../../../agent/ship/endpoint.ts'
import { pinOf, tlsOptions } from '../../../agent/ship/tls.ts'
import { authority } from '../../support/certificates.ts'
import { startReceiver } from '../../support/receiver.ts'

const ca = authority(t.testdir())

t.test('every connection is verified, and at least TLS 1.2', async (t) => {
  const options = tlsOptions({})
  t.match(options, { rejectUnauthorized: true, minVersion: 'TLSv1.2' })
  t.ok(options.ca.length > 50, 'by the authorities of Node and the system')
})

t.test('a file that cannot be read names itself', async (t) => {
  t.throws(() => tlsOptions({ caFile: '/nonexistent/ca' }), {
    code: 'ERR_ENDPOINT',
    message: '/nonexistent/ca: cannot be read (ENOENT)',
  })
})

t.test('over TLS', { skip: ca === undefined && 'needs openssl' }, async (t) => {
  if (ca === undefined) return
  const { caFile } = ca
  const [server, client] = [ca.sign('server'), ca.sign('client')]
  const start = async (tls: object) => {
    const receiver = await startReceiver('ndjson', { tls: { ...server, ...tls } })
    t.teardown(receiver.close)
    return receiver.url
  }
  const post = async (url: string, options: Partial<EndpointOptions> = { caFile }) => {
    const endpoint = httpEndpoint({ url, timeoutMs: 2_000, ...options })
    const one = () => endpoint.post('', '{"a":1}\n', 'application/x-ndjson')
    return one().finally(() => endpoint.close())
  }
  const refused = { code: 'ERR_ENDPOINT' }

  const url = await start({})
  await t.rejects(post(url, {}), { ...refused, message: /self.signed|unable to (?:get|verify)/ })
  t.match(await post(url), { status: 200 }, 'its own authority')

  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  await t.rejects(post(url, {}), refused, 'the environment cannot switch it off')
  if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before

  const elsewhere = await start(ca.sign('elsewhere', 'DNS:other.example'))
  await t.rejects(post(elsewhere), { ...refused, message: /altnames/ }, 'another name')

  const strict = await start({ ca: ca.ca, requestCert: true, rejectUnauthorized: true })
  await t.rejects(post(strict), refused, 'where a client certificate is required')
  const files = { clientCertFile: client.certFile, clientKeyFile: client.keyFile }
  t.match(await post(strict, { caFile, ...files }), { status: 200 })

  const old = await start({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })
  await t.rejects(post(old), refused, 'nothing below TLS 1.2')

  const pin = pinOf(new X509Certificate(server.cert).raw)
  const other = pinOf(new X509Certificate(client.cert).raw)
  t.match(pin, /^sha256\/\/[A-Za-z0-9+/]{43}=$/)
  t.match(await post(url, { caFile, pinnedKeys: [other, pin] }), { status: 200 })
  await t.rejects(post(url, { caFile, pinnedKeys: [other] }), {
    ...refused,
    message: /public key sha256.* is not the pinned one/,
  })
  await t.rejects(post(url, { pinnedKeys: [pin] }), refused, 'a pin makes no chain valid')
})

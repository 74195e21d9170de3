import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkOutput, checkServer } from '../../../agent/ship/check-output.ts'
import type { EndpointOptions } from '../../../agent/ship/endpoint.ts'
import type { Output } from '../../../agent/ship/output.ts'
import { authority } from '../../support/certificates.ts'
import { anOutput } from '../../support/output.ts'
import { type ReceiverOptions, startReceiver } from '../../support/receiver.ts'

const NOW_MS = Date.now()

async function stepsOf(t: Test, output: Partial<Output>, receiver?: ReceiverOptions) {
  const kind = output.format === 'ndjson' ? 'ndjson' : 'bulk'
  const server = receiver && (await startReceiver(kind, receiver))
  if (server !== undefined) t.teardown(server.close)
  const urls = server === undefined ? output.urls : [server.url]
  const wanted = anOutput({ ...output, ...(urls && { urls }) })
  const [check] = await checkOutput(wanted, { nowMs: NOW_MS, timeoutMs: 2_000 })
  return { steps: check?.steps ?? [], server }
}
const results = (steps: readonly { what: string; result: string }[]) =>
  steps.map(({ what, result }) => `${what} ${result}`)

t.test('a cluster that lets us write is all well, and gets no document', async (t) => {
  const { steps, server } = await stepsOf(t, {}, {})
  t.strictSame(results(steps), [
    'reachable ok',
    'secure warning',
    'authenticated ok',
    'authorized ok',
  ])
  t.equal(server?.documents.size, 0)
})

t.test('a credential that is not known, or may not write, says so', async (t) => {
  const dir = t.testdir({ right: 'id:key', wrong: 'id:other' })
  const authorization = `ApiKey ${btoa('id:key')}`
  const of = (file: string, rest: ReceiverOptions = {}) =>
    stepsOf(t, { apiKeyFile: join(dir, file) }, { authorization, ...rest })
  t.match((await of('wrong')).steps.at(-1), {
    what: 'authenticated',
    result: 'failed',
    detail: /HTTP 401: .*unable to authenticate/,
  })
  t.match((await of('right')).steps.at(-1), { what: 'authorized', result: 'ok' })
  const alertsOnly = { writable: ['logs-tidewatch.alert-default'] }
  t.match((await of('right', alertsOnly)).steps.at(-1), {
    what: 'authorized',
    result: 'failed',
    detail: /metrics-tidewatch\.health-default/,
    remedy: /create_doc/,
  })
  t.match((await of('none')).steps.at(-1), { result: 'failed', detail: /none: cannot be read/ })
})

t.test('any other receiver is asked by a GET', async (t) => {
  const { steps, server } = await stepsOf(t, { format: 'ndjson' }, {})
  t.strictSame(results(steps), ['reachable ok', 'secure warning', 'authenticated ok'])
  t.match(server?.requests, [{ method: 'GET', lines: [] }])
})

t.test('a host that is not there, or no cluster, fails with a remedy', async (t) => {
  for (const url of ['http://127.0.0.1:1', 'https://127.0.0.1:1', 'https://x.invalid']) {
    const { steps } = await stepsOf(t, { urls: [url] })
    t.match(steps, [{ what: 'reachable', result: 'failed', remedy: /./ }], url)
  }
  const notElastic = await startReceiver('ndjson')
  t.teardown(notElastic.close)
  for (const fault of ['404', '400'] as const) {
    notElastic.faults = [fault, fault]
    const { steps } = await stepsOf(t, { urls: [notElastic.url] })
    const detail = new RegExp(`HTTP ${fault}`)
    t.match(steps.at(-1), { what: 'authorized', result: 'failed', detail })
  }
})

t.test('over TLS', async (t) => {
  const ca = authority(t.testdir())
  if (ca === undefined) {
    t.pass('no openssl here to make certificates', { skip: 'needs openssl' })
    return
  }
  const { caFile } = ca
  const of = (output: Partial<Output>, days = 100) =>
    stepsOf(t, output, { tls: ca.sign(`server${days}`, 'IP:127.0.0.1', days) })
  const good = await of({ caFile })
  t.strictSame(results(good.steps), [
    'reachable ok',
    'secure ok',
    'authenticated ok',
    'authorized ok',
  ])
  const { detail = '' } = good.steps[1] ?? {}
  t.match(detail, /^TLSv1\.3, certificate ends in (?:99|100) days, key sha256\/\/\S{44}$/)
  t.match((await of({ caFile }, 3)).steps[1], { result: 'warning' })
  t.match((await of({})).steps, [{ what: 'secure', result: 'failed', remedy: /caFile/ }])
  const pinnedKeys = [`sha256//${'A'.repeat(43)}=`]
  t.match((await of({ caFile, pinnedKeys })).steps, [
    { what: 'secure', result: 'failed', detail: /not the pinned one/ },
  ])
})

t.test('a file needs a folder that can be written', async (t) => {
  const folder = t.testdir()
  t.match((await stepsOf(t, { path: join(folder, 'x') })).steps, [
    { what: 'writable', result: 'ok' },
  ])
  t.match((await stepsOf(t, { path: join(folder, 'none', 'x') })).steps, [
    { what: 'writable', result: 'failed', remedy: /./ },
  ])
})

t.test(
  'a server that is no output is asked with a GET, which may have to find something',
  async (t) => {
    const { url, server } = await listening((request, response) => {
      response.writeHead(request.headers.authorization ? 404 : 401).end()
    })
    t.teardown(() => server.close())
    const bearerFile = join(t.testdir({ token: 'x' }), 'token')
    const steps = async (options: EndpointOptions, wanted = false) => {
      const check = await checkServer('fleet', options, wanted, { nowMs: NOW_MS, timeoutMs: 2_000 })
      t.equal(check.place, new URL(url).host)
      return results(check.steps)
    }
    const there = ['reachable ok', 'secure warning']
    t.strictSame(await steps({ url }), [...there, 'authenticated failed'], 'it does not know us')
    t.strictSame(await steps({ url, bearerFile }), [...there, 'authenticated ok'])
    t.strictSame(await steps({ url, bearerFile }, true), [...there, 'authorized failed'], 'no file')
    server.close()
    server.closeAllConnections()
    t.strictSame(await steps({ url }), ['reachable failed'])
  },
)

async function listening(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x` }
}

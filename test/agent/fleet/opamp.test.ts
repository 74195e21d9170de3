/** OpAMP with Elastic's server, over loopback. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RemoteConfigStatuses } from '@elastic/opamp-client-node/lib/generated/opamp_pb.js'
import t, { type Test } from 'tap'
import { systemClock } from '../../../agent/clock.ts'
import { fleetHttp } from '../../../agent/fleet/http.ts'
import type { Offer } from '../../../agent/fleet/offer.ts'
import { opamp } from '../../../agent/fleet/opamp.ts'
import type { AgentNews } from '../../../agent/fleet/opamp-wire.ts'
import { newInstanceId } from '../../../agent/fleet/state.ts'
import { host } from '../../support/findings.ts'
import { startOpampServer } from '../../support/opamp-server.ts'
import { until } from '../../support/until.ts'

const instanceId = newInstanceId(1_793_577_600_000)
const { sleep, now } = systemClock()

async function start(t: Test, url: string) {
  const stop = new AbortController()
  const offers: Offer[] = []
  const news: AgentNews = {
    ...{ health: { word: 'healthy', reasons: [] }, startedMs: 1, effectiveConfig: '{}' },
  }
  const bounds = { timeoutMs: 2_000, keepAliveMs: 5_000, maxAnswerBytes: 10_000 }
  const source = await opamp({
    ...{ url, instanceId, host, version: '1.2.3', labels: ['env=prod'], intervalMs: 200 },
    ...{ http: fleetHttp({ url, ...bounds }), news: () => news, clock: { now }, sleep },
    random: () => 0,
  })
  const ended = source.run(stop.signal, { onOffer: (it) => offers.push(it), onInstanceId() {} })
  t.teardown(async () => {
    stop.abort()
    await ended
  })
  return { source, offers }
}

t.test(
  'enrolls, says who it is, is offered a configuration, and tells what became of it',
  async (t) => {
    const server = await startOpampServer()
    t.teardown(server.close)
    const { source, offers } = await start(t, server.url)
    await until('it has enrolled', () => server.requests().length > 0)
    const first = server.requests()[0]?.a2s
    t.equal(Buffer.from(first?.instanceUid ?? []).toString('hex'), instanceId.replaceAll('-', ''))
    const attributes = [
      ...(first?.agentDescription?.identifyingAttributes ?? []),
      ...(first?.agentDescription?.nonIdentifyingAttributes ?? []),
    ].map(({ key, value }) => [key, value?.value.value])
    t.match(Object.fromEntries(attributes), {
      'service.name': 'tidewatch-agent',
      'service.version': '1.2.3',
      'service.instance.id': instanceId,
      'os.type': 'linux',
      'host.name': host.name,
      env: 'prod',
    })
    t.ok(first?.health?.healthy)
    t.ok(first?.effectiveConfig)

    server.push('detect: {}')
    await until('the offer', () => offers.length > 0)
    t.match(offers[0]?.texts, ['detect: {}'])
    const offerHash = offers[0]?.hash ?? ''
    source.report({ offerHash, state: 'failed', message: 'no good' })
    const told = () => server.requests().flatMap(({ a2s }) => a2s?.remoteConfigStatus ?? [])
    await until('FAILED is told', () =>
      told().some(
        ({ status, errorMessage }) =>
          status === RemoteConfigStatuses.RemoteConfigStatuses_FAILED && errorMessage === 'no good',
      ),
    )
    source.report({ offerHash, state: 'applied' })
    await until('APPLIED is told, without the old message', () => {
      const last = told().at(-1)
      return (
        last?.status === RemoteConfigStatuses.RemoteConfigStatuses_APPLIED &&
        last.errorMessage === ''
      )
    })
    t.equal(Buffer.from(told().at(-1)?.lastRemoteConfigHash ?? []).toString('hex'), offerHash)
    const quiet = server.requests().length
    await until('heartbeats go on', () => server.requests().length > quiet + 1)
    t.match(source.status(), { failuresInRow: 0, lastContactMs: Number })
  },
)

for (const [what, status, type, body] of [
  ['a captive portal', 200, 'text/html', '<html>'],
  ['a broken message', 200, 'application/x-protobuf', '<html>'],
  ['a refusal', 401, 'text/plain', 'no'],
  ['an answer without end', 200, 'application/x-protobuf', 'x'.repeat(20_000)],
] as const) {
  t.test(`${what} is a failed request, and ends nothing`, async (t) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': type }).end(body)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const { source, offers } = await start(t, `http://127.0.0.1:${port}/v1/opamp`)
    await until('it has failed', () => source.status().failuresInRow === 1)
    t.match(source.status().failure, /\S/)
    t.strictSame(offers, [])
  })
}

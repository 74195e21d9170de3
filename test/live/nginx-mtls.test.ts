/**
 * Shipping through a real nginx with mutual TLS: the certificates, the answers that nginx gives by
 * itself, and that the agent's own traffic, as regular as it is, is never a finding.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../agent/clock.ts'
import { parseConfig } from '../../agent/config/parse.ts'
import { checkOutputs, createShipping } from '../../agent/shipping.ts'
import { openStore, openStoreReadOnly } from '../../storage/database.ts'
import { agentSays } from '../support/agent-says.ts'
import { authority } from '../support/certificates.ts'
import { netHosts, stop } from '../support/net-hosts.ts'
import { startNginx } from '../support/nginx.ts'
import { startReceiver } from '../support/receiver.ts'
import { alerted } from '../support/store.ts'
import { until } from '../support/until.ts'

const PORT = 18_443
const root = join(import.meta.dirname, '..', '..')
const SECOND_MS = 1_000
t.setTimeout(300 * SECOND_MS)

const missing = ['nginx', 'openssl', 'ip', 'nft', 'curl'].filter(
  (program) =>
    !['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((it) => existsSync(join(it, program))),
)
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1' || process.getuid?.() !== 0
    ? 'takes 2 minutes as root: set TIDEWATCH_LIVE=1'
    : missing.length > 0 && `not installed: ${missing.join(', ')}`

/** Alerts of some 1,500 bytes that hardly compress. */
const alerts = (n: number) =>
  Array.from({ length: n }, (_, i) => {
    const noise = randomBytes(1_000).toString('base64')
    return alerted(`a${i}`, i, { document: JSON.stringify({ '@timestamp': i, id: i, noise }) })
  })

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-nginx-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test('through nginx with mutual TLS', { skip }, async (t) => {
  const folder = folderOf(t)
  const ca = authority(folder)
  const stranger = authority(folder, 'stranger')
  if (ca === undefined || stranger === undefined) throw new Error('openssl made no certificates')
  const receiver = await startReceiver('bulk')
  const nginx = await startNginx({
    ...{ folder, authority: ca, listen: `127.0.0.1:${PORT}`, names: 'IP:127.0.0.1' },
    ...{ upstream: receiver.url, maxBody: '20k' },
  })
  t.teardown(async () => {
    await nginx.close()
    await receiver.close()
  })
  const agent = ca.sign('agent-1')
  const own = `caFile: ${ca.caFile}, clientCertFile: ${agent.certFile}, clientKeyFile: ${agent.keyFile}`
  const url = `https://127.0.0.1:${PORT}`

  /** Ships until nothing waits any more, or for a while. */
  async function ship(settings: string, n: number, ms = 10 * SECOND_MS) {
    const parsed = parseConfig(`ship: { maxBackoff: 1s, ${settings} }`)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    const store = openStore({ folder: ':memory:' })
    store.record({ alerts: alerts(n) })
    const options = { clock: systemClock(), random: Math.random }
    const shipping = await createShipping(parsed.config.ship, store, options)
    const end = new AbortController()
    const running = shipping.run(end.signal)
    const isDone = () => store.stats().alerts.waiting === 0
    await until('shipped', isDone, ms).catch(() => undefined)
    end.abort()
    await running
    await shipping.close()
    const { alerts: counts, deadLetters } = store.stats()
    store.close()
    const checks = await checkOutputs(parsed.config.ship, Date.now())
    return { counts, deadLetters, status: shipping.statuses()[0], check: checks[0]?.steps.at(-1) }
  }

  await t.test('with its certificate all arrive, halved where nginx says 413', async (t) => {
    const all = await ship(`url: "${url}", ${own}`, 300)
    t.match(all, { counts: { waiting: 0, sent: 300 }, deadLetters: 0, check: { result: 'ok' } })
    t.ok(nginx.log().some((line) => line.startsWith('413|')))
    t.ok(nginx.log().every((line) => /^\d+\|CN=agent-1\|TLSv1\.3\|/.test(line)))
    t.ok(receiver.requests.every(({ headers }) => headers['x-client'] === 'CN=agent-1'))
  })

  await t.test('without it nothing arrives, nothing is lost, and it does not hammer', async (t) => {
    const before = nginx.log().length
    const settings = `url: "${url}", caFile: ${ca.caFile}`
    const none = await ship(settings, 200, 3 * SECOND_MS)
    t.match(none, { counts: { waiting: 200, sent: 0 }, deadLetters: 0 })
    t.match(none.status, { lastAnswer: /HTTP 400: .*SSL certificate/ })
    t.match(none.check, { result: 'failed', detail: /400/ })
    t.ok(nginx.log().length - before < 150, `${nginx.log().length - before} requests in 3 s`)
  })

  await t.test('a server that another authority vouches for gets nothing', async (t) => {
    const before = nginx.log().length
    const settings = `url: "${url}", caFile: ${stranger.caFile}`
    const none = await ship(settings, 3, SECOND_MS)
    t.match(none, { counts: { waiting: 3 }, check: { what: 'secure', result: 'failed' } })
    t.equal(nginx.log().length, before)
  })

  await t.test('the receiver behind it goes away, and comes back', async (t) => {
    await receiver.down()
    setTimeout(() => void receiver.up(), 2 * SECOND_MS)
    const settings = `url: "${url}", ${own}, dataStream: logs-tidewatch.alert-again`
    const all = await ship(settings, 20)
    t.match(all, { counts: { waiting: 0, sent: 20 } })
    t.ok(nginx.log().some((line) => line.startsWith('502|')))
  })

  await t.test('429 with Retry-After is waited for', async (t) => {
    const before = nginx.log().length
    const settings = `url: "${url}/limited", format: ndjson, ${own}`
    const none = await ship(settings, 5, 3 * SECOND_MS)
    t.match(none, { counts: { waiting: 5 }, status: { lastAnswer: /HTTP 429/ } })
    t.ok(nginx.log().length - before <= 5, 'once a second, and the check')
  })

  await t.test('of two hosts the one that is away is passed over', async (t) => {
    const urls = `url: ["https://127.0.0.1:1", "${url}"], dataStream: logs-tidewatch.alert-two`
    const all = await ship(`${urls}, ${own}`, 20)
    t.match(all, { counts: { waiting: 0, sent: 20 }, status: { place: `${url}/` } })
  })
})

/** What was recorded, for who reads why this test failed. */
function seriesIn(data: string): readonly object[] {
  const store = openStoreReadOnly(data)
  const all = store.seriesKeys().map((key) => store.series(key) ?? {})
  store.close()
  return all
}

interface Status {
  readonly isRunning: boolean
  readonly store: { readonly transfers: number }
  readonly findings: readonly object[]
  readonly outputs: readonly { readonly lastAnswer?: string }[]
}

t.test(
  'the agent does not find its own shipping, a start between included',
  { skip },
  async (t) => {
    const folder = folderOf(t)
    const ca = authority(folder)
    if (ca === undefined) throw new Error('openssl made no certificates')
    const hosts = netHosts('twmtls')
    t.teardown(hosts.close)
    const received = join(folder, 'received.ndjson')
    const upload = join(root, 'test/support/upload-server.ts')
    hosts.start('server', [process.execPath, upload, '8080', received])
    const nginx = await startNginx({
      ...{
        folder,
        authority: ca,
        listen: `${hosts.serverIp}:${PORT}`,
        names: `IP:${hosts.serverIp}`,
      },
      upstream: 'http://127.0.0.1:8080',
      start: (command) => hosts.start('server', command),
    })
    t.teardown(nginx.close)
    const agent = ca.sign('agent-1')
    const config = join(folder, 'agent.yml')
    const data = join(folder, 'data')
    writeFileSync(
      config,
      `
ship:
  url: https://${hosts.serverIp}:${PORT}/alerts
  format: ndjson
  healthInterval: 10s
  caFile: ${ca.caFile}
  clientCertFile: ${agent.certFile}
  clientKeyFile: ${agent.keyFile}
collect: { linux: { audit: { enabled: false }, procNet: { poll: 500ms } } }
`,
    )
    const run = () =>
      hosts.start(
        'client',
        [process.execPath, 'agent/main.ts', 'run', '--config', config, '--data-dir', data],
        { cwd: root, stdio: 'ignore' },
      )
    const status = () => agentSays<Status>(data, 'status')
    const reports = () =>
      existsSync(received) ? readFileSync(received, 'utf8').split('\n').length - 1 : 0

    let child = run()
    await until('four reports of health', () => reports() >= 4, 90 * SECOND_MS)
    t.comment('the agent is killed, and started again')
    await stop(child, 'SIGKILL')
    child = run()
    await until('four more', () => reports() >= 8, 90 * SECOND_MS)
    const quiet = status()
    for (const one of seriesIn(data)) t.comment(JSON.stringify(one))
    t.match(quiet, { isRunning: true, store: { transfers: 0 }, findings: [] })
    t.match(quiet.outputs, [{ lastAnswer: 'health taken' }])
    t.ok(nginx.log().every((line) => line.startsWith('200|CN=agent-1|')))

    t.comment("another program's connection to the same place is seen")
    hosts.start(
      'client',
      ['curl', '-sk', '--max-time', '5', `https://${hosts.serverIp}:${PORT}/`],
      {
        stdio: 'ignore',
      },
    )
    await until('a transfer', () => status().store.transfers > 0, 30 * SECOND_MS)
    await stop(child)
  },
)

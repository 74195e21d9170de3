/**
 * A fleet, live: three agents in three network namespaces, Elastic's OpAMP server and nginx (for alerts,
 * and for the signed file) in a fourth, all by mutual TLS. Each host has two beacons: one that is allowed
 * centrally in the middle of it, and one that is not, which shows that alerts still come.
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { askAgent } from '../../agent/control/client.ts'
import type { AgentStatus } from '../../agent/control/status.ts'
import { authority } from '../support/certificates.ts'
import { type FleetKey, fleetKey } from '../support/fleet.ts'
import { netFleet } from '../support/net-fleet.ts'
import { stop } from '../support/net-hosts.ts'
import type { ToldAgent } from '../support/opamp-program.ts'
import { until } from '../support/until.ts'
import type { ReceivedRequest } from '../support/upload-server.ts'

const MINUTE_MS = 60_000
const HOSTS = [0, 1, 2] as const
const [OPAMP_PORT, NGINX_PORT, RECEIVER_PORT, BEACON_PORT] = [4320, 8443, 8080, 9000]
const BEACON_MS = 5_000
const root = join(import.meta.dirname, '..', '..')

const PROGRAMS = ['ip', 'nginx', 'openssl']
const isInstalled = (program: string): boolean =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, program)))
const missing = PROGRAMS.filter((program) => !isInstalled(program))
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1' || process.getuid?.() !== 0
    ? 'takes 5 minutes as root: set TIDEWATCH_LIVE=1'
    : missing.length > 0 && `not installed: ${missing.join(', ')}`

t.setTimeout(12 * MINUTE_MS)

t.test('three hosts and their fleet', { skip, timeout: 12 * MINUTE_MS }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-fleet-'))
  chmodSync(folder, 0o755)
  const inFolder = (...names: string[]): string => join(folder, ...names)
  const net = netFleet('twfleet', HOSTS.length)
  t.teardown(async () => {
    await net.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const key = fleetKey()
  const ca = authority(folder)
  if (ca === undefined) throw new Error('openssl is there, and makes no key')
  const server = ca.sign('server', `IP:${net.serverIp}`)
  const client = ca.sign('client')
  writeFileSync(inFolder('token'), 'let-me-in\n')
  const received = inFolder('received.ndjson')
  const node = (...args: string[]): string[] => [process.execPath, ...args]
  net.start(
    'server',
    node(join(root, 'test/support/upload-server.ts'), String(RECEIVER_PORT), received),
  )
  net.start(
    'server',
    node(
      '-e',
      `require('net').createServer(s => s.on('error', () => {}).resume()).listen(${BEACON_PORT})`,
    ),
  )
  net.start('server', ['nginx', '-c', writeNginx(folder, ca.caFile, server)])
  const startOpamp = (): ChildProcess =>
    net.start(
      'server',
      node(
        ...[join(root, 'test/support/opamp-program.ts'), net.serverIp, String(OPAMP_PORT)],
        ...[ca.caFile, server.certFile, server.keyFile, folder],
      ),
    )
  let opamp = startOpamp()

  const tls = `caFile: ${ca.caFile}, clientCertFile: ${client.certFile}, clientKeyFile: ${client.keyFile}`
  const startAgent = (host: number, fleet: string): ChildProcess => {
    // The agent falls back from auditd's socket, which is not there, to this log.
    writeFileSync(inFolder(`audit-${host}.log`), '')
    writeFileSync(
      inFolder(`agent-${host}.yml`),
      [
        `collect: { linux: { procNet: { poll: 500ms }, audit: { socketPaths: [/nonexistent], logPath: ${inFolder(`audit-${host}.log`)} } } }`,
        'alert: { minRisk: 0, updateInterval: 1m, maxPerHour: 1000 }',
        `ship: { url: "https://${net.serverIp}:${NGINX_PORT}/alerts/${host}", format: ndjson, health: false, ${tls} }`,
        `local: { labels: [host=h${host}] }`,
        `fleet: { ${fleet}, interval: 1s, trial: 8s, publicKeys: [${key.publicText}], bearerFile: ${inFolder('token')}, ${tls} }`,
      ].join('\n'),
    )
    const command = `exec ${process.execPath} agent/main.ts run --config ${inFolder(`agent-${host}.yml`)} --data-dir ${inFolder(`data-${host}`)} >>${inFolder(`agent-${host}.log`)} 2>&1`
    return net.start(host, ['sh', '-c', command], { cwd: root })
  }
  const byOpamp = `url: "https://${net.serverIp}:${OPAMP_PORT}/v1/opamp"`
  const agents = HOSTS.map((host) => startAgent(host, byOpamp))
  const statusOf = (host: number): Promise<AgentStatus | undefined> =>
    askAgent(inFolder(`data-${host}`, 'control.sock'), { request: 'status' })
  const told = (): ToldAgent[] =>
    existsSync(inFolder('agents.json'))
      ? Object.values(JSON.parse(readFileSync(inFolder('agents.json'), 'utf8')))
      : []
  /** Waits until each host's server has heard `state`, and says what it heard. */
  const allTell = async (what: string, state: string, message = ''): Promise<void> => {
    const is = (it: ToldAgent) => it.status === state && (it.message ?? '').includes(message)
    await until(what, () => told().length === HOSTS.length && told().every(is), MINUTE_MS).catch(
      (error) => t.comment(JSON.stringify(told(), undefined, 1), error.message),
    )
    t.ok(told().length === HOSTS.length && told().every(is), what)
  }
  const offer = (text: string): void => {
    writeFileSync(inFolder('offer.new'), text)
    renameSync(inFolder('offer.new'), inFolder('offer'))
  }
  const inForce = async (): Promise<(number | undefined)[]> =>
    Promise.all(HOSTS.map(async (host) => (await statusOf(host))?.fleet?.current?.version))
  for (const host of HOSTS) {
    for (const address of [net.serverIp, net.otherIp]) {
      net.start(host, node('-e', beacon(address)), { stdio: 'ignore' })
    }
  }

  await until('all three have enrolled', () => told().length === HOSTS.length, MINUTE_MS)
  t.match(told()[0], {
    attributes: { 'service.name': 'tidewatch-agent', 'os.type': 'linux' },
    hasToken: true,
  })
  t.strictSame(
    told()
      .map(({ attributes }) => attributes['host'])
      .sort(),
    ['h0', 'h1', 'h2'],
    'each with its own labels',
  )

  const first = key.sign({ version: 10, config: 'detect: { minScore: 0.4 }' })
  offer(first)
  await allTell('a signed configuration is applied by all', 'APPLIED')
  t.strictSame(await inForce(), [10, 10, 10])
  await until('it has proven good', async () => {
    const all = await Promise.all(HOSTS.map(statusOf))
    return all.every((status) => status?.fleet?.current?.isOnTrial === false)
  })

  for (const [what, text, message] of refusals(key, first)) {
    offer(text)
    await allTell(`${what} is refused by all, who say why`, 'FAILED', message)
    t.strictSame(await inForce(), [10, 10, 10], 'and the old one goes on')
  }
  offer(
    key.sign({
      version: 12,
      config: 'collect: { linux: { audit: { logPath: /nonexistent/log } } }',
    }),
  )
  await allTell(
    'one with which a source is lost is rolled back by all',
    'FAILED',
    'linux.audit is lost',
  )
  t.strictSame(await inForce(), [10, 10, 10])

  /** The hosts that told of this destination. */
  const alerts = (address: string, sinceMs = 0): Set<string> =>
    new Set(
      alertsIn(received, sinceMs)
        .filter(({ destination }) => destination?.ip === address)
        .map(({ path }) => path),
    )
  await until(
    'both beacons are alerts of all three',
    () => {
      return [net.serverIp, net.otherIp].every((it) => alerts(it).size === HOSTS.length)
    },
    3 * MINUTE_MS,
  )

  offer(key.sign({ version: 13, config: `detect: { destIpAllowlist: [${net.serverIp}] }` }))
  await allTell('an allowlist entry is applied by all', 'APPLIED')
  // What was in the outbox by then may still arrive.
  const allowedMs = Date.now() + 3_000
  await until('each finding is allowed', async () => {
    const all = await Promise.all(HOSTS.map(statusOf))
    return all.every((status) => dispositions(status, net.serverIp).every((it) => it === 'allowed'))
  })
  await until(
    'the other beacon is told again by all',
    () => {
      return alerts(net.otherIp, allowedMs).size === HOSTS.length
    },
    3 * MINUTE_MS,
  )
  t.strictSame([...alerts(net.serverIp, allowedMs)], [], 'the allowed one is told by none')

  t.comment('the server goes away, and one host restarts meanwhile')
  await stop(opamp)
  await stop(agents[0] as ChildProcess)
  const restarted = startAgent(0, byOpamp)
  await until(
    'it starts with what it was given',
    async () => {
      const { current, failuresInRow = 0 } = (await statusOf(0))?.fleet ?? {}
      return current?.version === 13 && failuresInRow > 0
    },
    MINUTE_MS,
  )
  const awayMs = Date.now()
  await until('alerts go on', () => alerts(net.otherIp, awayMs).size > 0, 2 * MINUTE_MS)
  offer(
    key.sign({
      version: 14,
      config: `detect: { destIpAllowlist: [${net.serverIp}], minScore: 0.3 }`,
    }),
  )
  rmSync(inFolder('agents.json'))
  opamp = startOpamp()
  // The client tries again after half a minute.
  await until('all are back', () => told().length === HOSTS.length, 3 * MINUTE_MS)
  await allTell('and take what they missed', 'APPLIED')
  t.strictSame(await inForce(), [14, 14, 14])

  t.comment('the same hosts by a signed file from nginx')
  for (const agent of [restarted, ...agents.slice(1)]) await stop(agent)
  const file = inFolder('web', 'fleet.json')
  const publish = (text: string): void => {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
  publish(
    key.sign({ version: 15, config: 'detect: { minScore: 0.2 }', target: { labels: ['host=h1'] } }),
  )
  for (const host of HOSTS) {
    startAgent(host, `protocol: file, url: "https://${net.serverIp}:${NGINX_PORT}/fleet.json"`)
  }
  await until(
    'only the one that it is for takes it',
    async () => {
      return JSON.stringify(await inForce()) === '[14,15,14]'
    },
    MINUTE_MS,
  )
  publish(fleetKey().sign({ version: 16, config: 'detect: {}' }))
  await until(
    'all refuse the wrong key',
    async () => {
      const all = await Promise.all(HOSTS.map(statusOf))
      return all.every((it) => it?.fleet?.result?.message?.includes('not signed by a pinned key'))
    },
    MINUTE_MS,
  )
  publish(key.sign({ version: 16, config: 'detect: {}' }))
  await until(
    'and take the right one',
    async () => {
      return JSON.stringify(await inForce()) === '[16,16,16]'
    },
    MINUTE_MS,
  )
  await until('looks cost an answer without a body, by ETag and client certificate', () => {
    const log = readFileSync(inFolder('access.log'), 'utf8')
    return /GET \/fleet\.json HTTP\/1\.1" 304 .*CN=client/.test(log)
  })

  for (const host of HOSTS) {
    const status = await statusOf(host)
    const own = (status?.findings ?? []).filter(({ destination }) =>
      [OPAMP_PORT, NGINX_PORT].some((port) => destination.endsWith(`:${port}`)),
    )
    t.strictSame(own, [], "the agent's own traffic is no finding")
    t.match(readFileSync(inFolder(`agent-${host}.log`), 'utf8'), /fleet: version 16 applied/)
  }
})

/** What each host must refuse, and the words that it must say. */
function refusals(key: FleetKey, first: string): readonly (readonly [string, string, string])[] {
  const config = 'detect: { minScore: 0.1 }'
  const tampered = JSON.parse(key.sign({ version: 11, config }))
  tampered.payload = Buffer.from(
    String(Buffer.from(tampered.payload, 'base64')).replace('0.1', '0.2'),
  ).toString('base64')
  const expires = '2020-01-01T00:00:00Z'
  return [
    [
      'a broken one',
      key.sign({ version: 11, config: 'detect: { minScore: 7 }' }),
      'minScore: must be a number',
    ],
    ['an unsigned one', config, 'unsigned'],
    ['an expired one', key.sign({ version: 11, config, expires }), `expired at ${expires}`],
    ['an older one', key.sign({ version: 9, config }), 'version 9 is older than 10'],
    ['one of another key', fleetKey().sign({ version: 11, config }), 'not signed by a pinned key'],
    ['a tampered one', JSON.stringify(tampered), 'not signed by a pinned key'],
    ['another of the same version', key.sign({ version: 10, config }), 'version 10 was given'],
  ].map(([what = '', text = '', message = '']) => [what, text === first ? '' : text, message])
}

interface ReceivedAlert {
  /** Of the request: each host has its own. */
  readonly path: string
  readonly destination?: { readonly ip?: string }
}

function alertsIn(file: string, sinceMs: number): ReceivedAlert[] {
  if (!existsSync(file)) return []
  const requests = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean)
  return requests
    .map((line) => JSON.parse(line) as ReceivedRequest)
    .filter(({ atMs, path }) => atMs >= sinceMs && path.startsWith('/alerts/'))
    .flatMap(({ path, body = '' }) =>
      body
        .trim()
        .split('\n')
        .map((line) => ({ ...JSON.parse(line), path })),
    )
}

function dispositions(status: AgentStatus | undefined, address: string): string[] {
  return (status?.findings ?? [])
    .filter(({ destination }) => destination === `${address}:${BEACON_PORT}`)
    .map(({ disposition }) => disposition)
}

/** A program that sends 20 kB every 5 s, each over a connection that can be seen for a second. */
function beacon(address: string): string {
  return `
    setInterval(() => {
      const socket = require('net').connect(${BEACON_PORT}, '${address}', () => {
        socket.write(Buffer.alloc(20_000))
        setTimeout(() => socket.end(), 1_200)
      }).on('error', () => {})
    }, ${BEACON_MS})`
}

/** nginx with mutual TLS: the signed file's server, and the way to the receiver of alerts. */
function writeNginx(
  folder: string,
  caFile: string,
  server: { readonly certFile: string; readonly keyFile: string },
): string {
  mkdirSync(join(folder, 'web'))
  chmodSync(join(folder, 'web'), 0o755)
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; user root; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 256; }
http {
  log_format fleet '$remote_addr "$request" $status $ssl_client_s_dn';
  access_log ${folder}/access.log fleet;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen ${NGINX_PORT} ssl;
    ssl_certificate ${server.certFile}; ssl_certificate_key ${server.keyFile};
    ssl_client_certificate ${caFile}; ssl_verify_client on;
    root ${folder}/web;
    location /alerts { proxy_pass http://127.0.0.1:${RECEIVER_PORT}; }
  }
}
`,
  )
  execFileSync('nginx', ['-t', '-q', '-c', file], { stdio: 'inherit' })
  return file
}

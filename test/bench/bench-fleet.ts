/**
 * `npm run node -- test/bench/bench-fleet.ts`: 1,000 simulated agents in one process, of the real fleet and shipping modules,
 * against Elastic's OpAMP server and a receiver of `_bulk` in another, all by mutual TLS on loopback.
 * Takes five minutes. Simulated is only what they would apply a configuration to.
 *
 * How many seconds things take depends on the machine; the ratios (peak to mean, latency to interval) do
 * not, as long as it keeps up: the share of a core is printed for that.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../agent/clock.ts'
import { fleetHttp } from '../../agent/fleet/http.ts'
import { authority } from '../support/certificates.ts'
import { fleetKey } from '../support/fleet.ts'
import { median } from './audit-parse.ts'
import { startAgents } from './fleet-agents.ts'
import type { Ask, Count, Started } from './fleet-servers.ts'

const AGENTS = Number(process.argv[2] ?? 1_000)
const INTERVAL_S = 20
const DEFAULT_INTERVAL_S = 60
const OUTAGE_S = 60
/** Longer than the client's first two waits after a failure. */
const RETURN_S = 90
const PUSHES = 2
const DAY_S = 86_400
const NEW_CONNECTIONS = 20
const NEVER = new AbortController().signal

const clock = systemClock()
const seconds = (count: number) => clock.sleep(count * 1_000, NEVER)
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0)
const mean = (values: readonly number[]) => sum(values) / values.length
const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0
const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`

// In memory where there is such a folder: 1,000 hosts do not share one disk.
const folder = mkdtempSync('/dev/shm/tidewatch-fleet-')
const child = fork(join(import.meta.dirname, 'fleet-servers.ts'), { execArgv: [] })
const ask = async <T>(message: Ask): Promise<T> => {
  const answered = once(child, 'message')
  child.send(message)
  return (await answered)[0] as T
}
try {
  await run()
} finally {
  child.disconnect()
  rmSync(folder, { recursive: true })
}

async function run(): Promise<void> {
  const ca = authority(folder)
  if (ca === undefined) throw new Error('openssl is not installed')
  const [server, client] = [ca.sign('server'), ca.sign('client')]
  const tls = { ca: String(ca.ca), cert: String(server.cert), key: String(server.key) }
  const { opampUrl, bulkUrl } = await ask<Started>({ ask: 'start', tls })
  const key = fleetKey()
  const certificates = {
    caFile: ca.caFile,
    clientCertFile: client.certFile,
    clientKeyFile: client.keyFile,
  }
  const agents = await startAgents({
    ...{ count: AGENTS, folder, opampUrl, bulkUrl, certificates, publicKey: key.publicText },
    intervalS: INTERVAL_S,
  })
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()

  await seconds(INTERVAL_S * 1.5)
  const enrolled = await ask<Count>({ ask: 'count' })
  report('all start at once', enrolled)

  await seconds(INTERVAL_S * 2)
  const steady = await ask<Count>({ ask: 'count' })
  report('at rest', steady)
  const perHeartbeat = steady.opampBytes / sum(steady.opamp)
  const perBulk = steady.bulkBytes / sum(steady.bulk)

  const latencies: number[] = []
  for (let version = 1; version <= PUSHES; version++) {
    const pushedMs = performance.now()
    const config = `detect: { destIpAllowlist: [192.0.2.${version}] }`
    await ask({ ask: 'push', text: key.sign({ version, config }) })
    await agents.allHave(version)
    latencies.push(...agents.appliedMs(version).map((ms) => ms - pushedMs))
    await seconds(1)
  }
  const [p50, p99] = [median(latencies) / 1_000, quantile(latencies, 0.99) / 1_000]
  say(
    `from push to applied: median ${p50.toFixed(1)} s, 99th percentile ${p99.toFixed(1)} s; the interval is ${INTERVAL_S} s`,
  )
  report('while configuration is taken', await ask<Count>({ ask: 'count' }))

  await ask({ ask: 'down' })
  await seconds(OUTAGE_S)
  await ask({ ask: 'count' })
  await ask({ ask: 'up' })
  await seconds(RETURN_S)
  const after = await ask<Count>({ ask: 'count' })
  report(`after ${OUTAGE_S} s away`, after)
  say(
    `peak to mean at rest: OpAMP ${ratio(after.opamp, steady.opamp)}, shipping ${ratio(after.bulk, steady.bulk)}`,
  )

  const cpu = process.cpuUsage(cpuBefore)
  const share = (cpu.user + cpu.system) / 1_000 / (performance.now() - startedMs)
  say(`all agents together: ${(share * 100).toFixed(0)} % of a core`)
  await agents.stop()
  await ask<Count>({ ask: 'count' })
  const perNew = await newConnection(opampUrl, certificates)
  const daily = (bytes: number) => kib((bytes * DAY_S) / DEFAULT_INTERVAL_S)
  say(
    `a heartbeat is ${Math.round(perHeartbeat)} bytes both ways on a connection that is kept, ${Math.round(perNew)} on a new one`,
  )
  say(
    `a host a day at the default interval: ${daily(perHeartbeat)}, or ${daily(perNew)} where the server keeps no connection`,
  )
  say(`a request to _bulk with one document is ${Math.round(perBulk)} bytes of body`)
}

function report(what: string, { opamp, bulk }: Count): void {
  const figures = (it: readonly number[]) =>
    `${mean(it).toFixed(0)} a second, at most ${Math.max(...it)}`
  say(`${what}: OpAMP ${figures(opamp)}; _bulk ${figures(bulk)}`)
}

function ratio(peak: readonly number[], rest: readonly number[]): string {
  return (Math.max(...peak) / mean(rest)).toFixed(1)
}

/** Bytes of a heartbeat for which a connection is made and closed, handshake and all. */
async function newConnection(url: string, certificates: object): Promise<number> {
  const bounds = { timeoutMs: 10_000, keepAliveMs: 1, maxAnswerBytes: 2 ** 20 }
  const body = join(folder, 'heartbeat')
  writeFileSync(body, '')
  for (let i = 0; i < NEW_CONNECTIONS; i++) {
    const http = fleetHttp({ url, ...certificates, ...bounds })
    await http.ask(
      { method: 'POST', body: heartbeat(i) },
      { 'content-type': 'application/x-protobuf' },
    )
    await http.close()
  }
  await seconds(0.5)
  return (await ask<Count>({ ask: 'count' })).opampBytes / NEW_CONNECTIONS
}

/** An OpAMP message with an instance id and a sequence number alone. */
function heartbeat(i: number): Uint8Array {
  return Buffer.concat([Buffer.from([0x0a, 16]), Buffer.alloc(16, i + 1), Buffer.from([0x10, 1])])
}

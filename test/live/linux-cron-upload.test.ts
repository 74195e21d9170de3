/**
 * The main job, live: real auditd, real cron, two hosts. A crontab line of every minute uploads a file
 * with curl, beside irregular curls. The agent is killed and started again in the middle.
 */
import type { ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { agentSays } from '../support/agent-says.ts'
import { type Auditd, startAuditd } from '../support/auditd.ts'
import { type NetHosts, netHosts, stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'
import type { ReceivedRequest } from '../support/upload-server.ts'

const MINUTE_MS = 60_000
const RUNS = 6
const UPLOAD_BYTES = 200_000
const CRON_FILE = '/etc/cron.d/tidewatch-live-test'
const root = join(import.meta.dirname, '..', '..')

t.setTimeout(15 * MINUTE_MS)

const missing = ['auditd', 'auditctl', 'cron', 'curl', 'ip', 'nft'].filter(
  (program) => !isInstalled(program),
)
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1' || process.getuid?.() !== 0
    ? 'takes 8 minutes as root: set TIDEWATCH_LIVE=1'
    : missing.length > 0 && `not installed: ${missing.join(', ')}`

function isInstalled(program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) =>
    existsSync(join(folder, program)),
  )
}

t.test(
  'a cron job of every minute that uploads is the one alert',
  { skip, timeout: 15 * MINUTE_MS },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-live-'))
    const paths = {
      script: join(folder, 'upload.sh'),
      wanderer: join(folder, 'wander.sh'),
      payload: join(folder, 'payload'),
      config: join(folder, 'agent.yml'),
      data: join(folder, 'data'),
      received: join(folder, 'received.ndjson'),
      agentLog: join(folder, 'agent.log'),
    }
    let hosts: NetHosts | undefined
    let auditd: Auditd | undefined
    t.teardown(async () => {
      rmSync(CRON_FILE, { force: true })
      await hosts?.close()
      await auditd?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    // The kernel refuses a rule about a program that is not there: here the agent runs by Node, as root.
    const shipped = readFileSync(join(root, 'packaging/linux/audit/tidewatch.rules'), 'utf8')
    const rules = shipped
      .replaceAll('/usr/lib/tidewatch/tidewatch', process.execPath)
      .replaceAll('uid=tidewatch', 'uid=0')
    auditd = await startAuditd(join(folder, 'audit'), rules)
    hosts = netHosts('twlive')
    const place = `http://${hosts.serverIp}`
    hosts.start('server', [
      process.execPath,
      join(root, 'test/support/upload-server.ts'),
      '8080',
      paths.received,
    ])
    writeFileSync(paths.payload, Buffer.alloc(UPLOAD_BYTES, 'x'))
    writeScript(paths.script, `curl -s -o /dev/null -T ${paths.payload} ${place}:8080/upload`)
    // Irregular: exponential pauses, 25 s in the mean, from a fixed seed.
    writeScript(
      paths.wanderer,
      `${pauses()
        .map((s) => `sleep ${s}; curl -s -o /dev/null ${place}:8080/browse`)
        .join('\n')}`,
    )
    writeFileSync(
      paths.config,
      [
        'collect: { linux: { audit: {',
        `  socketPaths: [${auditd.socketPath}], logPath: ${auditd.logPath} } } }`,
        'ship:',
        `  url: ${place}:8080/alerts`,
        '  format: ndjson',
        'alert: { updateInterval: 1m }',
        '',
      ].join('\n'),
    )
    writeFileSync(CRON_FILE, `* * * * * root ${paths.script}\n`)

    const startAgent = (): ChildProcess =>
      (hosts as NetHosts).start(
        'client',
        [
          'sh',
          '-c',
          `exec ${process.execPath} agent/main.ts run --config ${paths.config} --data-dir ${paths.data} >>${paths.agentLog} 2>&1`,
        ],
        { cwd: root },
      )
    let agent = startAgent()
    await until(
      'the agent answers',
      () => agentSays<{ isRunning: boolean }>(paths.data, 'status').isRunning,
    )
    hosts.start('client', ['cron', '-f'])
    hosts.start('client', ['sh', paths.wanderer], { stdio: 'ignore' })

    const uploads = () => received(paths.received).filter(({ path }) => path === '/upload')
    await until('half of the runs', () => uploads().length >= RUNS / 2, (RUNS / 2 + 1) * MINUTE_MS)
    t.comment('the agent is killed, and misses a beat')
    await stop(agent, 'SIGKILL')
    await until('a beat without the agent', () => uploads().length >= RUNS / 2 + 1, 2 * MINUTE_MS)
    agent = startAgent()
    await until('all runs', () => uploads().length >= RUNS, (RUNS / 2 + 1) * MINUTE_MS)
    const isTold = () => alerts(paths.received).some(({ tidewatch }) => tidewatch.beats >= RUNS)
    await until('the alert with all beats', isTold, 2 * MINUTE_MS).catch(() => undefined)

    const documents = alerts(paths.received)
    const findings = agentSays<{ findings: object[] }>(paths.data, 'status').findings
    for (const document of documents) t.comment(JSON.stringify(document))
    t.comment(JSON.stringify(findings))
    const { shed } = agentSays<{ shed?: object }>(paths.data, 'status')
    t.comment(
      `left out: ${JSON.stringify(shed ?? {})}; runs at ${uploads().map(({ atMs }) => new Date(atMs).toISOString())}`,
    )
    t.ok((documents[0]?.tidewatch.beats ?? Number.POSITIVE_INFINITY) <= RUNS, 'told within 6 runs')
    t.equal(
      new Set(documents.map(({ event }) => event.id)).size,
      1,
      'one alert, through kill and start',
    )
    const alert = documents.at(-1) as AlertDocument
    // An update waits for its interval: the last document may already know of a beat after these.
    const endMs = Date.parse(alert.event.end) + MINUTE_MS / 2
    const runs = uploads().filter(({ atMs }) => atMs <= endMs).length
    t.ok(runs >= RUNS, `the last document is of ${runs} runs`)
    t.equal(alert.tidewatch.beats, runs, 'no beat is lost')
    t.ok(
      Math.abs(alert.tidewatch.period_ms - MINUTE_MS) <= 2_000,
      `period is 60 s: ${alert.tidewatch.period_ms}`,
    )
    t.match(alert.tidewatch.schedule, {
      scheduler: 'cron',
      trigger: '* * * * *',
      file: CRON_FILE,
      line: 1,
    })
    t.match(JSON.stringify(alert), paths.script, 'names the script')
    t.equal(alert.user.name, 'root')
    t.match(alert.destination, { ip: hosts.serverIp, port: 8080 })
    const sent = alert.tidewatch.sent_bytes_median
    t.ok(Math.abs(sent / UPLOAD_BYTES - 1) <= 0.1, `sent ${sent} of ${UPLOAD_BYTES} bytes a run`)
    t.match(alert.threat.technique.id, ['T1029', 'T1053'])
    await stop(agent)
  },
)

interface AlertDocument {
  readonly event: { readonly dataset: string; readonly id: string; readonly end: string }
  readonly user: { readonly name: string }
  readonly destination: object
  readonly threat: { readonly technique: { readonly id: readonly string[] } }
  readonly tidewatch: {
    readonly beats: number
    readonly period_ms: number
    readonly sent_bytes_median: number
    readonly schedule: object
  }
}

function writeScript(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
}

function received(path: string): ReceivedRequest[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** Every alert that arrived, in order; the agent's health comes to the same place. */
function alerts(path: string): AlertDocument[] {
  const bodies = received(path).flatMap(({ body }) => body?.trim().split('\n') ?? [])
  return bodies
    .map((line) => JSON.parse(line) as AlertDocument)
    .filter(({ event }) => event.dataset === 'tidewatch.alert')
}

/** Seconds, exponential with mean 25 s, from a linear congruential generator (Numerical Recipes). */
function pauses(): number[] {
  let state = 20_261_124
  return Array.from({ length: 60 }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.max(1, Math.round(-25 * Math.log(1 - state / 2 ** 32)))
  })
}

/**
 * `agent simulate`, live: a real auditd, a running agent, and a recurring transfer that is seen, judged,
 * alerted and taken by an endpoint, all on one host whose network is a namespace of its own.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Auditd, startAuditd } from '../support/auditd.ts'
import { type NetHosts, netHosts } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '..', '..')
const isInstalled = (program: string): boolean =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, program)))
const missing = ['auditd', 'auditctl', 'ip', 'nft'].filter((program) => !isInstalled(program))
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1' || process.getuid?.() !== 0
    ? 'takes 3 minutes as root: set TIDEWATCH_LIVE=1'
    : missing.length > 0 && `not installed: ${missing.join(', ')}`

t.setTimeout(300_000)

t.test('the chain from collectors to endpoint is proven', { skip, timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-simulate-'))
  const [config, data, received] = ['agent.yml', 'data', 'received.ndjson'].map((name) =>
    join(folder, name),
  )
  let hosts: NetHosts | undefined
  let auditd: Auditd | undefined
  t.teardown(async () => {
    await hosts?.close()
    await auditd?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  // The kernel refuses a rule about a program that is not there: here the agent runs by Node, as root.
  const shipped = readFileSync(join(root, 'packaging/linux/audit/tidewatch.rules'), 'utf8')
  auditd = await startAuditd(
    join(folder, 'audit'),
    shipped
      .replaceAll('/usr/lib/tidewatch/tidewatch', process.execPath)
      .replaceAll('uid=tidewatch', 'uid=0'),
  )
  hosts = netHosts('twsim')
  hosts.start('server', [
    process.execPath,
    join(root, 'test/support/upload-server.ts'),
    '8080',
    received ?? '',
  ])
  writeFileSync(
    config ?? '',
    [
      `collect: { linux: { audit: { socketPaths: [${auditd.socketPath}], logPath: ${auditd.logPath} } } }`,
      `ship: { url: "http://${hosts.serverIp}:8080/alerts", format: ndjson }`,
      'alert: { minRisk: 5 }',
      '',
    ].join('\n'),
  )
  const agent = [process.execPath, 'agent/main.ts']
  hosts.start('client', [...agent, 'run', '--config', config ?? '', '--data-dir', data ?? ''], {
    cwd: root,
    stdio: 'ignore',
  })
  await until('the agent answers', () => existsSync(join(data ?? '', 'control.sock')), 60_000)

  // As from a login: the rules leave out what the service manager starts by this program.
  const simulate = `echo 0 > /proc/self/loginuid; exec ${agent.join(' ')} simulate --data-dir ${data} --period 3s --jitter 10 --count 16 --wait 90s`
  const ran = await new Promise<{ code: number; text: string }>((resolve) => {
    execFile(
      'ip',
      ['netns', 'exec', 'twsim-client', 'sh', '-c', simulate],
      { cwd: root },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr })
      },
    )
  })
  t.comment(ran.text)
  t.equal(ran.code, 0, 'found')
  t.match(ran.text, /sent 16 of 16 transfers to 198\.51\.100\.1:\d+, 64 KiB received/)
  t.match(ran.text, /found: every [23] s, 1\d beats/)
  t.match(ran.text, /alert: \w+/)
  const documents = () => (existsSync(received ?? '') ? readFileSync(received ?? '', 'utf8') : '')
  await until('the endpoint has the alert', () => documents().includes('"/alerts"'), 60_000)
  t.pass('the endpoint has it')
})

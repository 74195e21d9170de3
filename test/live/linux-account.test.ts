/**
 * The service's account, as its unit has it (no root, root's group, three capabilities), and a real
 * auditd with the plugin that the packages switch on: its socket is heard, and the whole view is there.
 * A container with systemd has no auditd, which is why this stands beside `npm run verify:packages`.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { systemdUnit } from '../../agent/service/systemd-unit.ts'
import { type Auditd, startAuditd } from '../support/auditd.ts'
import { stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '..', '..')
const ACCOUNT = 61_999
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1' || process.getuid?.() !== 0
    ? 'runs auditd: set TIDEWATCH_LIVE=1, as root'
    : false

t.setTimeout(120_000)

t.test("as the service's user the agent hears auditd", { skip, timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-account-'))
  let auditd: Auditd | undefined
  let agent: ChildProcess | undefined
  t.teardown(async () => {
    if (agent) await stop(agent)
    await auditd?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  chmodSync(folder, 0o755)
  const [data, socket] = [join(folder, 'data'), join(folder, 'events')]
  execFileSync('install', ['-d', '-m', '700', '-o', String(ACCOUNT), '-g', '0', data])
  const shipped = readFileSync(join(root, 'packaging/linux/audit/af_unix.conf'), 'utf8')
  const mode = /^args = (\d+) /m.exec(shipped)?.[1] ?? ''
  auditd = await startAuditd(
    join(folder, 'audit'),
    '-a always,exit -F arch=b64 -S execve -k tidewatch-exec\n',
    { mode, path: socket },
  )
  const config = join(folder, 'agent.yml')
  writeFileSync(
    config,
    // Without the log, only the socket can tell.
    `collect: { linux: { audit: { socketPaths: [${socket}], logPath: ${folder}/none } } }\n`,
    { mode: 0o600 },
  )
  const program = [process.execPath, join(root, 'agent/main.ts')]
  agent = spawn(
    'setpriv',
    [...asService(), ...program, 'run', '--config', config, '--data-dir', data],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const collector = (name: string): { state?: string; counters?: { emitted: number } } => {
    const words = ['status', '--json', '--config', config, '--data-dir', data]
    const { stdout } = spawnSync(process.execPath, [program[1] ?? '', ...words], {
      encoding: 'utf8',
    })
    const told = stdout.startsWith('{') ? JSON.parse(stdout).collectors : []
    return told?.find(({ dataset }: { dataset: string }) => dataset === name) ?? {}
  }
  await until('root is told', () => collector('linux.audit').state === 'running', 30_000)
  execFileSync('true')
  await until(
    'a program is heard of',
    () => (collector('linux.audit').counters?.emitted ?? 0) > 0,
    30_000,
  )
  for (const name of ['linux.proc', 'linux.schedules', 'linux.socket_info']) {
    await until(`${name} runs`, () => collector(name).state === 'running', 30_000)
  }
  const owners = readdirSync(data).map((name) => statSync(join(data, name)).uid)
  t.ok(owners.length > 0 && owners.every((uid) => uid === ACCOUNT), "its files are the account's")
})

/** What the unit asks systemd for, in setpriv's words. */
function asService(): readonly string[] {
  const unit = systemdUnit(['/bin/true'])
  const names = /^AmbientCapabilities=(.+)$/m.exec(unit)?.[1]?.split(' ') ?? []
  const capabilities = names.map((name) => `+${name.replace('CAP_', '').toLowerCase()}`).join(',')
  const group = /^Group=(.+)$/m.exec(unit)?.[1] === 'root' ? '0' : String(ACCOUNT)
  return [
    ...[`--reuid=${ACCOUNT}`, `--regid=${group}`, '--clear-groups', '--no-new-privs'],
    ...[`--bounding-set=-all,${capabilities}`, `--inh-caps=-all,${capabilities}`],
    `--ambient-caps=-all,${capabilities}`,
  ]
}

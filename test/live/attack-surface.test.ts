/**
 * What another user of the host can do to the agent that runs as root: nothing. Tried for real, as
 * `nobody`, against a running agent: reading, asking, stopping, and laying traps in its way.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '..', '..')
const NOBODY = 65_534
const skip =
  (process.platform !== 'linux' ||
    process.getuid?.() !== 0 ||
    process.env['TIDEWATCH_LIVE'] !== '1') &&
  'needs root on Linux: set TIDEWATCH_LIVE=1'

/** A folder that anyone may enter, as /var/lib is. */
function place(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tw-surface-'))
  chmodSync(folder, 0o755)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function start(dataDir: string): ChildProcess {
  const args = ['agent/main.ts', 'run', '--json', '--data-dir', dataDir]
  return spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Runs a shell line as another user. */
function asNobody(line: string): { readonly code: number; readonly output: string } {
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--']
  const run = spawnSync('setpriv', [...user, 'sh', '-c', line], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { code: run.status ?? -1, output: run.stdout + run.stderr }
}

t.test('another user neither reads, asks nor stops it', { skip, timeout: 120_000 }, async (t) => {
  const dataDir = join(place(t), 'data')
  const agent = start(dataDir)
  t.teardown(() => void agent.kill('SIGKILL'))
  await until('the agent answers', () => existsSync(join(dataDir, 'control.sock')), 30_000)

  for (const name of readdirSync(dataDir)) {
    t.equal(lstatSync(join(dataDir, name)).mode & 0o077, 0, `${name} is root's alone`)
    t.not(asNobody(`cat ${join(dataDir, name)}`).code, 0, `${name} cannot be read`)
  }
  t.not(asNobody(`ls ${dataDir}`).code, 0, 'nor can its folder')
  const connect = `require('net').connect('${join(dataDir, 'control.sock')}').on('error', (e) => { console.log(e.code); process.exit(1) }).on('connect', () => process.exit(0))`
  const asked = asNobody(`exec ${process.execPath} -e "${connect}"`)
  t.match(asked, { code: 1, output: /EACCES/ }, 'the socket does not open')
  const status = asNobody(
    `cd ${root} && exec ${process.execPath} agent/main.ts status --data-dir ${dataDir}`,
  )
  t.not(status.code, 0)
  t.match(status.output, /sudo|root|owner/, 'and `agent status` says who may')
  for (const signal of ['TERM', 'KILL', 'STOP', 'USR1']) {
    t.not(asNobody(`kill -${signal} ${agent.pid}`).code, 0, `it cannot be sent SIG${signal}`)
  }
  t.not(asNobody(`cat /proc/${agent.pid}/environ`).code, 0, 'its environment cannot be read')
  t.equal(agent.exitCode, null, 'it goes on')

  const listeners = execFileSync('ss', ['-Hlntup'], { encoding: 'utf8' })
  t.notMatch(listeners, `pid=${agent.pid},`, 'it listens at no port, TCP or UDP')
  const argv = execFileSync('cat', [`/proc/${agent.pid}/cmdline`], { encoding: 'utf8' })
  t.notMatch(argv, /key|password|token/i, 'no secret stands in its arguments')
  agent.kill('SIGTERM')
  await once(agent, 'exit')
  t.equal(agent.exitCode, 0)
})

const traps: Readonly<Record<string, (dataDir: string, victim: string) => void>> = {
  'a folder that another user made first': (dataDir) => {
    mkdirSync(dataDir)
    chownSync(dataDir, NOBODY, NOBODY)
  },
  'a link in place of the folder': (dataDir) => symlinkSync('/etc', dataDir),
  'a link in place of the database': (dataDir, victim) => {
    mkdirSync(dataDir, { mode: 0o700 })
    symlinkSync(victim, join(dataDir, 'tidewatch.db'))
  },
  'a link in place of the lock': (dataDir, victim) => {
    mkdirSync(dataDir, { mode: 0o700 })
    symlinkSync(victim, join(dataDir, 'tidewatch.lock'))
  },
  'a link in place of the socket': (dataDir, victim) => {
    mkdirSync(dataDir, { mode: 0o700 })
    symlinkSync(victim, join(dataDir, 'control.sock'))
  },
}
for (const [name, lay] of Object.entries(traps)) {
  t.test(`is not taken in by ${name}`, { skip, timeout: 60_000 }, async (t) => {
    const folder = place(t)
    const [dataDir, victim] = [join(folder, 'data'), join(folder, 'victim')]
    writeFileSync(victim, 'precious', { mode: 0o644 })
    lay(dataDir, victim)
    const agent = start(dataDir)
    t.teardown(() => void agent.kill('SIGKILL'))
    let complaint = ''
    agent.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString()
    })
    const [code] = await once(agent, 'exit')
    t.not(code, 0, 'it refuses to start')
    t.equal(complaint.trimEnd().split('\n').length, 1, complaint)
    t.match(complaint, /;/, 'and says why, and what to do')
    t.equal(execFileSync('cat', [victim], { encoding: 'utf8' }), 'precious')
    t.equal(lstatSync(victim).mode & 0o777, 0o644, 'what the link named is as it was')
  })
}

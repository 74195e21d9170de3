/**
 * The executable for Linux on arm64, run by qemu with Debian's libraries for it: it finds in recordings
 * what the source finds here, and the agent starts with its native modules and stops when asked to.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { buildExecutable } from '../../packaging/executable.ts'
import { targetOf } from '../../packaging/targets.ts'
import { stop } from '../support/net-hosts.ts'
import { recording, withoutRecordings } from '../support/recordings.ts'
import { until } from '../support/until.ts'
import { withoutProgram } from '../support/wine.ts'
import { connLog } from '../support/zeek-log.ts'

const QEMU = 'qemu-aarch64-static'
const root = join(import.meta.dirname, '..', '..')
const CACHE = process.env['TIDEWATCH_CACHE'] ?? '/var/tmp/tidewatch'
const LIBRARIES = join(CACHE, 'arm64-bookworm')
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1'
    ? 'builds 120 MB: set TIDEWATCH_LIVE=1'
    : withoutProgram(QEMU, 'qemu-user-static') || withoutProgram('mmdebstrap')

t.setTimeout(600_000)

t.test('the executable for arm64', { skip, timeout: 600_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-arm64-'))
  let agent: ChildProcess | undefined
  t.teardown(async () => {
    if (agent) await stop(agent)
    rmSync(folder, { recursive: true, force: true })
  })
  makeLibraries()
  const target = targetOf('linux-arm64')
  const options = { folder: join(folder, 'built'), work: join(folder, 'work'), version: '1.2.3' }
  const built = await buildExecutable(target, options)
  const program = join(built.folder, target.executable)
  const emulated = [QEMU, '-L', LIBRARIES, program] as const
  const fromSource = [process.execPath, join(root, 'agent', 'main.ts')] as const
  const said = ([file, ...args]: readonly [string, ...string[]], words: readonly string[]) =>
    spawnSync(file, [...args, ...words], { encoding: 'utf8', maxBuffer: 2 ** 26 })

  t.match(execFileSync('file', ['-b', program], { encoding: 'utf8' }), /ARM aarch64/)
  t.equal(said(emulated, ['--version']).stdout.trim(), '1.2.3')

  await t.test('hunts as the source does', async (t) => {
    const beacon = join(folder, 'conn.log')
    const rows = Array.from({ length: 60 }, (_, i) => ({
      ts: `${1_700_000_000 + 600 * i + (i % 7)}.5`,
      'id.orig_p': String(40_000 + i),
    }))
    writeFileSync(beacon, connLog(rows))
    const files = withoutRecordings
      ? [beacon]
      : [beacon, recording('zeek/OTRF-lsass-campaigns/c5_conn.log')]
    for (const file of files) {
      const words = ['hunt', '--all', '--json', '--time-zone', 'UTC', file]
      const [theirs, ours] = [said(emulated, words), said(fromSource, words)]
      t.not(ours.stdout, '', `${file}: something is told`)
      t.equal(theirs.stdout, ours.stdout, file)
      t.equal(theirs.status, ours.status)
    }
  })

  await t.test('runs with its database and its native modules', async (t) => {
    const data = join(folder, 'data')
    mkdirSync(data, { mode: 0o700 })
    const [file, ...args] = emulated
    agent = spawn(file, [...args, 'run', '--json', '--data-dir', data], { stdio: 'ignore' })
    await until('it answers', () => readdirSync(data).includes('control.sock'), 120_000)
    const status = JSON.parse(said(fromSource, ['status', '--json', '--data-dir', data]).stdout)
    t.match(status, { isRunning: true, version: '1.2.3' })
    await stop(agent)
    t.equal(agent.exitCode, 0, 'ends when asked to')
  })
})

/** What the package depends on, of that processor: unpacked, not installed. */
function makeLibraries(): void {
  if (existsSync(LIBRARIES)) return
  mkdirSync(CACHE, { recursive: true })
  const made = `${LIBRARIES}.new`
  const include = '--include=libc6,libstdc++6,libgcc-s1,libatomic1'
  execFileSync('rm', ['-rf', made])
  execFileSync(
    'mmdebstrap',
    ['--quiet', '--variant=extract', '--arch=arm64', include, 'bookworm', made],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  execFileSync('mv', [made, LIBRARIES])
}

/**
 * The executable of this system, built twice: the same bytes, no way in from outside, and the agent
 * runs in it. Takes a minute, and the network where Node is not in the cache yet.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildExecutable, type Executable } from '../../packaging/executable.ts'
import { TARGETS, targetOf } from '../../packaging/targets.ts'
import { stop } from '../support/net-hosts.ts'
import { until } from '../support/until.ts'

t.setTimeout(600_000)

const name = TARGETS.find((target) => target === `${process.platform}-${process.arch}`)
const skip =
  process.env['TIDEWATCH_LIVE'] !== '1'
    ? 'builds 120 MB: set TIDEWATCH_LIVE=1'
    : name === undefined
      ? 'no target is this system'
      : false

t.test('the executable', { skip, timeout: 600_000 }, async (t) => {
  const folder = t.testdir({ data: {} })
  const target = targetOf(name ?? 'linux-x64')
  const build = (round: string): Promise<Executable> =>
    buildExecutable(target, {
      ...{ folder: join(folder, round), work: join(folder, `work-${round}`), version: '1.2.3' },
    })
  const built = await build('first')
  const program = join(built.folder, target.executable)
  const data = join(folder, 'data')
  const agent = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
    execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } })

  await t.test('is the same bytes when it is built again', async (t) => {
    const again = await build('second')
    t.same(readdirSync(built.folder).sort(), built.files.toSorted())
    for (const file of built.files) {
      const [one, other] = [built, again].map(({ folder }) => readFileSync(join(folder, file)))
      t.ok(one?.equals(other ?? Buffer.of()), file)
    }
  })

  await t.test(
    'knows its version and finds its database beside it, wherever it lies',
    async (t) => {
      const elsewhere = join(folder, 'elsewhere')
      mkdirSync(elsewhere)
      for (const file of built.files) copyFileSync(join(built.folder, file), join(elsewhere, file))
      const moved = join(elsewhere, target.executable)
      const { stdout, stderr } = spawnSync(moved, ['--version'], { encoding: 'utf8', cwd: '/' })
      t.equal(stdout.trim(), '1.2.3')
      t.equal(stderr, '', 'its code cache is taken')
      t.match(agent(['config', 'schema']), /"\$schema"/)
    },
  )

  await t.test('takes no options of Node from outside', async (t) => {
    const injected = join(folder, 'injected.cjs')
    writeFileSync(injected, "require('node:fs').writeFileSync(__dirname + '/was-run', '')")
    const env = { NODE_OPTIONS: `--require=${injected} --inspect=127.0.0.1:0` }
    t.equal(agent(['--version'], env).trim(), '1.2.3')
    t.notOk(readdirSync(folder).includes('was-run'))
  })

  await t.test('opens no debugger when it is asked to by a signal', async (t) => {
    const args = ['run', '--json', '--data-dir', data]
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString()
      })
    }
    try {
      await until('it answers', () => readdirSync(data).includes('control.sock'), 60_000)
      child.kill('SIGUSR1')
      const status = JSON.parse(statusText())
      t.match(status, { isRunning: true, pid: child.pid, version: '1.2.3' })
      t.equal(listeningPorts(child.pid ?? 0), '', 'no port')
      t.notMatch(output, /[Dd]ebugger/)
    } finally {
      await stop(child)
    }
    t.equal(child.exitCode, 0, 'ends when asked to')
  })

  /** Its exit code says how healthy the host is, which is not asked here. */
  function statusText(): string {
    const script = `"$0" status --json --data-dir "$1" || true`
    return execFileSync('sh', ['-c', script, program, data], { encoding: 'utf8' })
  }

  function listeningPorts(pid: number): string {
    return execFileSync('ss', ['-Hltnp'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(`pid=${pid},`))
      .join('\n')
  }
})

/**
 * The installer with better-sqlite3's libraries for macOS in place of the program; with the real one it
 * is in test/packages/verify-pkg.ts. Its scripts run here against a folder that stands for the disk.
 */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parse } from 'plist'
import t from 'tap'
import { buildPkg } from '../../../packaging/macos/pkg.ts'
import { codeSignatureOf } from '../../support/code-signature.ts'

const root = join(import.meta.dirname, '../../..')
const needed = ['bsdtar', 'llvm-strip-14'].filter((name) => !existsSync(join('/usr/bin', name)))
const skip = needed.length > 0 && `not installed: ${needed.join(', ')}`
const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

t.test('lays out what a Mac needs, and its scripts do and undo the rest', { skip }, async (t) => {
  const folder = t.testdir({ executables: {}, package: {}, disk: { Library: {} } })
  for (const name of ['tidewatch', 'better_sqlite3.node', 'koffi.node']) {
    const library = join(root, 'node_modules/better-sqlite3/prebuilds/darwin-x64.node')
    copyFileSync(library, join(folder, 'executables', name))
  }
  const build = (name: string): Buffer => {
    const output = join(folder, name)
    buildPkg({
      ...{ executables: join(folder, 'executables'), work: join(folder, 'work'), output },
      ...{ cpu: 'x64', version: '1.2.3', builtSeconds: 1_790_000_000 },
    })
    return readFileSync(output)
  }
  t.ok(build('a.pkg').equals(build('b.pkg')), 'two builds are the same bytes')

  const [unpacked, disk] = [join(folder, 'package'), join(folder, 'disk')]
  run('bsdtar', ['-xf', join(folder, 'a.pkg'), '-C', unpacked])
  const component = join(unpacked, 'io.tidewatch.agent.pkg')
  run('bsdtar', ['-xpf', join(component, 'Payload'), '-C', disk])
  const installed = join(disk, 'Library', 'Tidewatch')
  for (const name of ['tidewatch', 'better_sqlite3.node', 'koffi.node']) {
    t.match(codeSignatureOf(readFileSync(join(installed, name))), { wrongPages: [] })
  }
  t.equal(statSync(join(installed, 'tidewatch')).mode & 0o777, 0o755)
  const daemon = join(disk, 'Library/LaunchDaemons/io.tidewatch.agent.plist')
  t.match(parse(readFileSync(daemon, 'utf8')), {
    ProgramArguments: ['/Library/Tidewatch/tidewatch', 'run', '--json'],
  })

  mkdirSync(join(folder, 'scripts'))
  run('bsdtar', ['-xpf', join(component, 'Scripts'), '-C', join(folder, 'scripts')])
  const script = (name: string) => run(join(folder, 'scripts', name), ['a.pkg', '/', disk])
  script('preinstall')
  script('postinstall')
  const data = join(disk, 'Library', 'Application Support', 'Tidewatch')
  t.equal(statSync(data).mode & 0o777, 0o700, "the data is the agent's alone")
  writeFileSync(join(data, 'agent.yml'), '')
  script('postinstall')
  t.ok(existsSync(join(data, 'agent.yml')), 'an upgrade keeps what is there')

  const uninstall = join(root, 'packaging', 'macos', 'uninstall.sh')
  run(uninstall, [disk])
  t.strictSame(filesBelow(disk), ['Library/Application Support/Tidewatch/agent.yml'])
  run(uninstall, ['--purge', disk])
  t.strictSame(filesBelow(disk), [])
})

/**
 * The macOS packages with the real executables, as far as another system can tell: read by the tools
 * that Debian has, nothing of a program changed but its symbols and its signature, and each file as the
 * bill of materials has it. A part of `npm run verify:packages`; two minutes.
 */
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readBom } from '../support/bom-reader.ts'
import { codeSignatureOf } from '../support/code-signature.ts'
import { loadedParts } from '../support/mach-o-parts.ts'

const root = join(import.meta.dirname, '..', '..')
const MAX_INSTALLER_BYTES = 45e6
const PROGRAMS = ['tidewatch', 'better_sqlite3.node', 'koffi.node']

t.setTimeout(15 * 60_000)

const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 },
  })

for (const cpu of ['arm64', 'x64']) {
  t.test(`the package for ${cpu}`, async (t) => {
    const folder = t.testdir({ dist: {}, package: {}, disk: {} })
    const dist = join(folder, 'dist')
    const words = [`darwin-${cpu}`, 'pkg', `--dist=${dist}`]
    run(process.execPath, [join(root, 'packaging', 'package.ts'), ...words])
    const pkg = join(dist, readdirSync(dist).find((name) => name.endsWith('.pkg')) ?? '')
    t.ok(statSync(pkg).size <= MAX_INSTALLER_BYTES, `${statSync(pkg).size} bytes`)

    t.match(run('7z', ['t', '-txar', pkg]), /Everything is Ok/)
    run('bsdtar', ['-xf', pkg, '-C', join(folder, 'package')])
    const component = join(folder, 'package', 'io.tidewatch.agent.pkg')
    for (const file of [join(folder, 'package', 'Distribution'), join(component, 'PackageInfo')]) {
      run('xmllint', ['--noout', file])
    }
    const disk = join(folder, 'disk')
    run('bsdtar', ['-xpf', join(component, 'Payload'), '-C', disk])
    mkdirSync(join(folder, 'scripts'))
    run('bsdtar', ['-xpf', join(component, 'Scripts'), '-C', join(folder, 'scripts')])

    await t.test('what is in it is what went in', async (t) => {
      const installed = join(disk, 'Library', 'Tidewatch')
      for (const name of PROGRAMS) {
        const file = readFileSync(join(installed, name))
        const source = readFileSync(join(dist, `darwin-${cpu}`, name))
        t.match(codeSignatureOf(file), { wrongPages: [], endsWithFile: true }, `${name}: signature`)
        const [parts, wanted] = [loadedParts(file), loadedParts(source)]
        t.strictSame([...parts.keys()], [...wanted.keys()])
        for (const [part, bytes] of wanted) {
          const isSame = isPadded(parts.get(part) ?? Buffer.of(), bytes)
          t.ok(isSame, `${name}: ${part}, ${bytes.length} bytes`)
        }
      }
      t.ok(loadedParts(readFileSync(join(installed, 'tidewatch'))).has('NODE_SEA'))
      for (const name of ['uninstall.sh', 'scripts/postinstall', 'scripts/preinstall']) {
        const place = name.startsWith('scripts/') ? folder : installed
        const source = readFileSync(join(root, 'packaging', 'macos', name))
        t.ok(readFileSync(join(place, name)).equals(source), name)
      }
    })

    await t.test('LLVM finds the same symbols for libraries', async (t) => {
      const symbols = (file: string): string =>
        run('llvm-nm-14', ['--extern-only', '--defined-only', '--format=posix', file])
      const source = symbols(join(dist, `darwin-${cpu}`, 'tidewatch'))
      t.match(source, /^_napi_create_function /m)
      t.equal(symbols(join(disk, 'Library', 'Tidewatch', 'tidewatch')), source)
    })

    await t.test('the bill of materials lists each file as it is', async (t) => {
      const bom = readBom(readFileSync(join(component, 'Bom')))
      const found = readdirSync(disk, { recursive: true, encoding: 'utf8' })
      t.equal(bom.length, found.length + 1, 'all of them and the root')
      for (const { path, mode, user, group, bytes, checksum } of bom) {
        const onDisk = lstatSync(join(disk, path))
        t.equal(mode, onDisk.mode, `${path}: ${mode.toString(8)}`)
        t.strictSame([user, group], [0, 0])
        if (!onDisk.isFile()) continue
        t.equal(bytes, onDisk.size)
        t.equal(String(checksum), run('cksum', [join(disk, path)]).split(' ')[0])
      }
    })
  })
}

/** The symbols' remover fills a segment up to whole pages of memory, where zeros are already. */
function isPadded(bytes: Buffer, wanted: Buffer): boolean {
  const padding = bytes.subarray(wanted.length)
  return bytes.subarray(0, wanted.length).equals(wanted) && padding.every((byte) => byte === 0)
}

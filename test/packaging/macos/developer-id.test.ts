/**
 * Signing with an Apple identity. Apple's programs are on no other system: stand-ins take their places
 * in PATH, refuse what the real ones would refuse, and leave marks that must be in the package.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { developerIdOf } from '../../../packaging/macos/developer-id.ts'
import { buildPkg } from '../../../packaging/macos/pkg.ts'

const root = join(import.meta.dirname, '../../..')
const needed = ['bsdtar', 'llvm-strip-14', 'xmllint'].filter(
  (name) => !existsSync(join('/usr/bin', name)),
)
const skip = needed.length > 0 && `not installed: ${needed.join(', ')}`
const IDENTITY = {
  application: 'Developer ID Application: Example (TEAM123456)',
  installer: 'Developer ID Installer: Example (TEAM123456)',
}

/** Each writes a line of what it was asked, and fails where the real one would. */
const CODESIGN = `#!/bin/sh
set -eu
echo "codesign $*" >>"$TRACE"
for file; do :; done
# A thin 64-bit Mach-O file.
[ "$(od -An -tx1 -N4 "$file" | tr -d ' ')" = cffaedfe ] || { echo "$file: code object is not signed at all" >&2; exit 1; }
case "$*" in
--verify*) grep -q 'signed by' "$file"; exit ;;
*--entitlements*) xmllint --noout "$(echo "$*" | sed 's/.*--entitlements \\([^ ]*\\) .*/\\1/')" ;;
esac
printf 'signed by a stand-in' >>"$file"
`
const PRODUCTSIGN = `#!/bin/sh
set -eu
echo "productsign $*" >>"$TRACE"
[ "$#" = 5 ] && [ "$(head -c 4 "$4")" = 'xar!' ]
cp "$4" "$5"
`
const XCRUN = `#!/bin/sh
set -eu
echo "xcrun $*" >>"$TRACE"
case "$1" in
notarytool) [ "$(head -c 4 "$3")" = 'xar!' ]; echo '{"id":"1-2-3","status":"VERDICT","message":"Processing complete"}' ;;
stapler) [ -f "$3" ] ;;
esac
`

function mac(t: Test, programs: Readonly<Record<string, string>>) {
  const folder = t.testdir({ bin: {}, executables: {} })
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), text)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  for (const name of ['tidewatch', 'better_sqlite3.node', 'koffi.node']) {
    const library = join(root, 'node_modules/better-sqlite3/prebuilds/darwin-x64.node')
    copyFileSync(library, join(folder, 'executables', name))
  }
  const { PATH, TRACE } = process.env
  process.env['PATH'] = `${join(folder, 'bin')}:${PATH}`
  process.env['TRACE'] = join(folder, 'trace')
  t.teardown(() => {
    process.env['PATH'] = PATH
    if (TRACE === undefined) delete process.env['TRACE']
  })
  const output = join(folder, 'out.pkg')
  return {
    output,
    folder,
    build: (notaryProfile?: string): void =>
      buildPkg({
        ...{ executables: join(folder, 'executables'), work: join(folder, 'work'), output },
        ...{ cpu: 'x64', version: '1.2.3', builtSeconds: 1_790_000_000 },
        developerId: { ...IDENTITY, ...(notaryProfile !== undefined && { notaryProfile }) },
      }),
    trace: (): string[] =>
      readFileSync(join(folder, 'trace'), 'utf8').replaceAll(`${folder}/`, '').trim().split('\n'),
  }
}

t.test('programs are signed before they are packed, the package after it', { skip }, async (t) => {
  const it = mac(t, {
    codesign: CODESIGN,
    productsign: PRODUCTSIGN,
    xcrun: XCRUN.replace('VERDICT', 'Accepted'),
  })
  it.build('tidewatch-notary')
  const files = 'work/root/Library/Tidewatch'
  const sign = (identifier: string, more = ''): string =>
    `codesign --force --timestamp --options runtime --identifier ${identifier} ${more}--sign ${IDENTITY.application}`
  const entitlements = join(root, 'packaging/macos/entitlements.plist')
  t.strictSame(it.trace(), [
    `${sign('io.tidewatch.agent.better_sqlite3.node')} ${files}/better_sqlite3.node`,
    `codesign --verify --strict ${files}/better_sqlite3.node`,
    `${sign('io.tidewatch.agent.koffi.node')} ${files}/koffi.node`,
    `codesign --verify --strict ${files}/koffi.node`,
    `${sign('io.tidewatch.agent', `--entitlements ${entitlements} `)} ${files}/tidewatch`,
    `codesign --verify --strict ${files}/tidewatch`,
    `productsign --timestamp --sign ${IDENTITY.installer} work/unsigned.pkg out.pkg`,
    'xcrun notarytool submit out.pkg --keychain-profile tidewatch-notary --wait --output-format json',
    'xcrun stapler staple out.pkg',
  ])
  const unpacked = join(it.folder, 'package')
  mkdirSync(unpacked)
  execFileSync('bsdtar', ['-xf', it.output, '-C', unpacked])
  execFileSync('bsdtar', ['-xf', 'io.tidewatch.agent.pkg/Payload'], { cwd: unpacked })
  const program = readFileSync(join(unpacked, 'Library/Tidewatch/tidewatch'))
  t.ok(program.toString('latin1').endsWith('signed by a stand-in'), 'what codesign made is packed')
})

t.test('without a profile nothing is sent to Apple', { skip }, async (t) => {
  const it = mac(t, { codesign: CODESIGN, productsign: PRODUCTSIGN })
  it.build()
  t.match(it.trace().at(-1), /^productsign /)
})

t.test('what Apple does not accept is an error that says where to look', { skip }, async (t) => {
  const xcrun = XCRUN.replace('VERDICT', 'Invalid')
  const it = mac(t, { codesign: CODESIGN, productsign: PRODUCTSIGN, xcrun })
  t.throws(() => it.build('p'), {
    ...{ code: 'ERR_SIGN', message: /notary says Invalid/ },
    remedy: 'see xcrun notarytool log 1-2-3 --keychain-profile p',
  })
})

t.test('an identity that is not in the keychain is told in one line', { skip }, async (t) => {
  const codesign =
    '#!/bin/sh\necho "error: The specified item could not be found in the keychain." >&2\nexit 1\n'
  const it = mac(t, { codesign })
  t.throws(() => it.build(), {
    ...{ code: 'ERR_SIGN', message: /^codesign: .*could not be found in the keychain\.$/ },
    remedy: /unlock the keychain/,
  })
})

t.test('a system without them says what it takes', { skip }, async (t) => {
  t.throws(() => mac(t, {}).build(), {
    ...{ code: 'ERR_SIGN', message: 'codesign: is not there', remedy: /only a Mac/ },
  })
})

t.test('the identity comes from the environment, whole or not at all', async (t) => {
  const [application, installer] = [IDENTITY.application, IDENTITY.installer]
  const env = {
    TIDEWATCH_MACOS_APPLICATION_ID: application,
    TIDEWATCH_MACOS_INSTALLER_ID: installer,
  }
  t.strictSame(developerIdOf(env), IDENTITY)
  t.match(developerIdOf({ ...env, TIDEWATCH_MACOS_NOTARY_PROFILE: 'p' }), { notaryProfile: 'p' })
  t.equal(developerIdOf({}), undefined)
  for (const part of [
    { TIDEWATCH_MACOS_APPLICATION_ID: application },
    { TIDEWATCH_MACOS_NOTARY_PROFILE: 'p' },
  ]) {
    t.throws(() => developerIdOf(part), { code: 'ERR_USAGE', remedy: /or neither/ })
  }
})

/** The whole build with small files for programs; what an installer does is in test/live/windows-msi.test.ts. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildMsi, guid } from '../../../packaging/windows/msi.ts'

const has = (name: string): boolean => existsSync(join('/usr/bin', name))
const skip = !['wixl', 'msibuild', 'msiinfo'].every(has) && 'not installed: wixl, msitools'
const unsigned = !['osslsigncode', 'openssl'].every(has) && 'not installed: osslsigncode, openssl'
const BUILT_SECONDS = 1_790_000_000

const run = (program: string, args: readonly string[], cwd?: string): string =>
  execFileSync(program, args, {
    ...(cwd && { cwd }),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

const executables = {
  'tidewatch.exe': 'program',
  'better_sqlite3.node': 'library',
  'koffi.node': 'library',
}

t.test('has its files, service, folder and tables', { skip }, async (t) => {
  const folder = t.testdir({ executables })
  const build = (name: string, version: string): string => {
    const output = join(folder, name)
    const work = join(folder, 'work')
    const built = { work, version, builtSeconds: BUILT_SECONDS, output }
    buildMsi({ executables: join(folder, 'executables'), ...built })
    return output
  }
  const msi = build('a.msi', '1.2.3')
  const table = (name: string): string => run('msiinfo', ['export', msi, name]).replaceAll('\r', '')
  for (const name of [...Object.keys(executables), 'sysmon.xml', 'LICENSE.txt']) {
    t.match(table('File'), new RegExp(`^${name}\\t`, 'm'))
  }
  t.match(table('Property'), /^ProductVersion\t1\.2\.3$/m)
  t.match(table('Property'), /^SecureCustomProperties\t.*SHIP_URL.*REMOVE_DATA$/m)
  t.match(table('Property'), /^MsiHiddenProperties\t.*SHIP_API_KEY/m)
  t.match(table('ServiceInstall'), /Tidewatch\tTidewatch endpoint sensor\t16\t2\t.*run --service/)
  t.match(table('LaunchCondition'), 'NOT WIX_DOWNGRADE_DETECTED')
  t.match(table('LaunchCondition'), 'VersionNT64')
  t.match(table('MsiLockPermissionsEx'), 'CONFIGDIR\tCreateFolder')
  t.match(table('InstallExecuteSequence'), /^MsiConfigureServices\t\t5850$/m)
  t.match(table('Registry'), 'EventMessageFile')
  t.match(table('Environment'), '=-*PATH\t[~];[INSTALLDIR]')
})

t.test('is signed where a certificate is given', { skip: skip || unsigned }, async (t) => {
  const folder = t.testdir({ executables, password: 'secret' })
  run(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-days',
      '2',
      '-subj',
      '/CN=Test',
      '-addext',
      'extendedKeyUsage=codeSigning',
    ],
    folder,
  )
  run(
    'openssl',
    [
      'pkcs12',
      '-export',
      '-inkey',
      'key.pem',
      '-in',
      'cert.pem',
      '-out',
      'both.p12',
      '-passout',
      'file:password',
    ],
    folder,
  )
  // A program that can be signed: a small one of better-sqlite3's.
  const root = join(import.meta.dirname, '../../..')
  copyFileSync(
    join(root, 'node_modules/better-sqlite3/prebuilds/win32-x64.node'),
    join(folder, 'executables', 'tidewatch.exe'),
  )
  const output = join(folder, 'signed.msi')
  buildMsi({
    ...{ executables: join(folder, 'executables'), work: join(folder, 'work'), output },
    ...{ version: '1.2.3', builtSeconds: BUILT_SECONDS },
    certificate: { file: join(folder, 'both.p12'), passwordFile: join(folder, 'password') },
  })
  for (const file of [output, join(folder, 'work', 'files', 'tidewatch.exe')]) {
    const ca = join(folder, 'cert.pem')
    t.match(run('osslsigncode', ['verify', '-in', file, '-CAfile', ca]), /Succeeded/)
  }
})

t.test('a name has one identifier', async (t) => {
  t.equal(guid('a'), guid('a'))
  t.not(guid('a'), guid('b'))
  t.match(guid('a'), /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-8[0-9A-F]{3}-[0-9A-F]{12}$/)
})

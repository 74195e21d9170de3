/**
 * Builds the Windows installer on Linux: wixl makes it, msibuild completes it, osslsigncode signs the
 * program and the installer where a certificate is given.
 */
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installerStatements, installerTables } from './installer-tables.ts'

const root = join(import.meta.dirname, '..', '..')

export interface SigningCertificate {
  /** PKCS#12, with its key. */
  readonly file: string
  readonly passwordFile: string
  /** Of a timestamp authority (RFC 3161): with it the signature outlives the certificate. */
  readonly timestampUrl?: string
}

export interface MsiOptions {
  /** Has `tidewatch.exe` and its native modules. */
  readonly executables: string
  /** Emptied first. */
  readonly work: string
  readonly version: string
  /** Time of all that is in it, seconds since 1970. */
  readonly builtSeconds: number
  readonly output: string
  readonly certificate?: SigningCertificate
}

const EXECUTABLES = ['tidewatch.exe', 'better_sqlite3.node', 'koffi.node']

export function buildMsi(options: MsiOptions): void {
  const { executables, work, version, builtSeconds, output, certificate } = options
  const files = join(work, 'files')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(files, { recursive: true })
  for (const name of EXECUTABLES) copyFileSync(join(executables, name), join(files, name))
  copyFileSync(join(root, 'LICENSE'), join(files, 'LICENSE.txt'))
  copyFileSync(join(root, 'packaging', 'windows', 'sysmon.xml'), join(files, 'sysmon.xml'))
  const defines = [`VERSION=${version}`, `PRODUCT=${guid(`product ${version}`)}`]
  const names = [...EXECUTABLES, 'LICENSE.txt', 'sysmon.xml']
  if (certificate) sign(join(files, 'tidewatch.exe'), certificate)
  for (const name of names) utimesSync(join(files, name), builtSeconds, builtSeconds)

  const unsigned = join(work, 'tidewatch.msi')
  // It looks for files beside its source.
  const source = join(files, 'tidewatch.wxs')
  copyFileSync(join(root, 'packaging', 'windows', 'tidewatch.wxs'), source)
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(builtSeconds) }
  run('wixl', ['-a', 'x64', ...defines.flatMap((it) => ['-D', it]), '-o', unsigned, source], env)
  for (const [name, text] of Object.entries(installerTables())) {
    const path = join(work, `${name}.idt`)
    writeFileSync(path, text)
    run('msibuild', [unsigned, '-i', path], env)
  }
  const statements = installerStatements((name) => guid(`component ${name}`))
  run('msibuild', [unsigned, ...statements.flatMap((it) => ['-q', it])], env)
  copyFileSync(unsigned, output)
  if (certificate) sign(output, certificate)
}

function sign(path: string, { file, passwordFile, timestampUrl }: SigningCertificate): void {
  const signed = `${path}.signed`
  rmSync(signed, { force: true })
  run('osslsigncode', [
    ...['sign', '-pkcs12', file, '-readpass', passwordFile, '-h', 'sha256', '-n', 'Tidewatch'],
    ...(timestampUrl === undefined ? [] : ['-ts', timestampUrl]),
    ...['-in', path, '-out', signed],
  ])
  copyFileSync(signed, path)
  rmSync(signed)
}

/** The same for the same name: an upgrade must find what an older version installed. */
export function guid(name: string): string {
  const hex = hash('sha256', `tidewatch ${name}`).toUpperCase()
  // Version 8 of RFC 9562: made by a rule of our own.
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}

function run(program: string, args: readonly string[], env = process.env): void {
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
}

/**
 * Builds the macOS installer on any system: the files as they lie on a Mac, each program signed ad hoc,
 * in a flat package with its scripts.
 *
 * `/Library` is root's: below `/usr/local`, which may be a user's, others could replace what root runs.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LAUNCHD_LABEL, launchdPlist } from '../../agent/service/launchd-service.ts'
import { signAdHoc } from './ad-hoc-signature.ts'
import { flatPackage } from './flat-package.ts'
import { readTree } from './package-tree.ts'

const root = join(import.meta.dirname, '..', '..')
const PROGRAM_FOLDER = '/Library/Tidewatch'
const PROGRAM = 'tidewatch'
const LIBRARIES = ['better_sqlite3.node', 'koffi.node']
/** The oldest that the pinned Node runs on. */
const LEAST_MACOS = '13.5'

export interface PkgOptions {
  /** Has `tidewatch` and its native modules. */
  readonly executables: string
  readonly cpu: 'arm64' | 'x64'
  /** Emptied first. */
  readonly work: string
  readonly version: string
  /** Time of all that is in it, seconds since 1970. */
  readonly builtSeconds: number
  readonly output: string
}

export function buildPkg(options: PkgOptions): void {
  const { work, version, builtSeconds, output } = options
  rmSync(work, { recursive: true, force: true })
  const files = join(work, 'root')
  layOut(files, options.executables)
  const scripts = join(work, 'scripts')
  cpSync(join(root, 'packaging', 'macos', 'scripts'), scripts, { recursive: true })
  const pkg = flatPackage({
    ...{ identifier: LAUNCHD_LABEL, version, title: 'Tidewatch', leastMacos: LEAST_MACOS },
    architecture: options.cpu === 'x64' ? 'x86_64' : 'arm64',
    files: readTree(files, builtSeconds),
    scripts: readTree(scripts, builtSeconds),
    createdSeconds: builtSeconds,
  })
  writeFileSync(output, pkg)
}

/** The disk of a Mac with Tidewatch on it, below `files`. */
function layOut(files: string, executables: string): void {
  const put = (path: string, contents: Buffer | string, mode: number): void => {
    const target = join(files, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, contents)
    chmodSync(target, mode)
  }
  const signed = (name: string, identifier: string): Buffer =>
    signAdHoc(readFileSync(join(executables, name)), identifier)
  put(join(PROGRAM_FOLDER, PROGRAM), signed(PROGRAM, LAUNCHD_LABEL), 0o755)
  for (const name of LIBRARIES) {
    put(join(PROGRAM_FOLDER, name), signed(name, `${LAUNCHD_LABEL}.${name}`), 0o644)
  }
  const uninstall = readFileSync(join(root, 'packaging', 'macos', 'uninstall.sh'))
  put(join(PROGRAM_FOLDER, 'uninstall.sh'), uninstall, 0o755)
  put(join(PROGRAM_FOLDER, 'LICENSE'), readFileSync(join(root, 'LICENSE')), 0o644)
  const daemon = launchdPlist([join(PROGRAM_FOLDER, PROGRAM)])
  put(`/Library/LaunchDaemons/${LAUNCHD_LABEL}.plist`, daemon, 0o644)
  // Puts the command into the PATH of every shell.
  put('/etc/paths.d/tidewatch', `${PROGRAM_FOLDER}\n`, 0o644)
  for (const folder of ['', 'Library', 'Library/Tidewatch', 'Library/LaunchDaemons', 'etc']) {
    chmodSync(join(files, folder), 0o755)
  }
  chmodSync(join(files, 'etc', 'paths.d'), 0o755)
}

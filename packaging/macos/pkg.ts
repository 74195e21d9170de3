/**
 * Builds the macOS installer on any system: the files as they lie on a Mac, each program signed, in a
 * flat package with its scripts. Without a Developer ID signatures are ad hoc; with one a Mac is needed.
 *
 * `/Library` is root's: below `/usr/local`, which may be a user's, others could replace what root runs.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { LAUNCHD_LABEL, launchdPlist } from '../../agent/service/launchd-service.ts'
import { signAdHoc } from './ad-hoc-signature.ts'
import { type DeveloperId, signCode, signPackage } from './developer-id.ts'
import { flatPackage } from './flat-package.ts'
import { readTree } from './package-tree.ts'

const here = import.meta.dirname
const root = join(here, '..', '..')
const PROGRAM_FOLDER = '/Library/Tidewatch'
const PROGRAM = 'tidewatch'
const LIBRARIES = ['better_sqlite3.node', 'koffi.node']
/**
 * Takes local symbols out, which only a debugger reads: a quarter of the file. What a library or the
 * loader looks for are exported ones, and stay.
 */
const STRIP = process.platform === 'darwin' ? 'strip' : 'llvm-strip-14'
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
  readonly developerId?: DeveloperId
}

export function buildPkg(options: PkgOptions): void {
  const { work, version, builtSeconds, output, developerId } = options
  rmSync(work, { recursive: true, force: true })
  const files = join(work, 'root')
  layOut(files, options.executables, developerId)
  const scripts = join(work, 'scripts')
  cpSync(join(here, 'scripts'), scripts, { recursive: true })
  const pkg = flatPackage({
    ...{ identifier: LAUNCHD_LABEL, version, title: 'Tidewatch', leastMacos: LEAST_MACOS },
    architecture: options.cpu === 'x64' ? 'x86_64' : 'arm64',
    files: readTree(files, builtSeconds),
    scripts: readTree(scripts, builtSeconds),
    createdSeconds: builtSeconds,
  })
  const unsigned = join(work, 'unsigned.pkg')
  writeFileSync(unsigned, pkg)
  if (developerId) signPackage(unsigned, output, developerId)
  else renameSync(unsigned, output)
}

/** The disk of a Mac with Tidewatch on it, below `files`. */
function layOut(files: string, executables: string, developerId: DeveloperId | undefined): void {
  const put = (path: string, contents: Buffer | string, mode: number): void => {
    const target = join(files, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, contents)
    chmodSync(target, mode)
  }
  const putCode = (name: string, identifier: string, mode: number): void => {
    const path = join(files, PROGRAM_FOLDER, name)
    mkdirSync(dirname(path), { recursive: true })
    copyFileSync(join(executables, name), path)
    const mayCompile = name === PROGRAM
    if (mayCompile) execFileSync(STRIP, ['-x', path], { stdio: ['ignore', 'ignore', 'inherit'] })
    if (developerId) signCode(path, identifier, { ...developerId, mayCompile })
    else writeFileSync(path, signAdHoc(readFileSync(path), identifier))
    chmodSync(path, mode)
  }
  for (const name of LIBRARIES) putCode(name, `${LAUNCHD_LABEL}.${name}`, 0o644)
  putCode(PROGRAM, LAUNCHD_LABEL, 0o755)
  put(join(PROGRAM_FOLDER, 'uninstall.sh'), readFileSync(join(here, 'uninstall.sh')), 0o755)
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

/** The installer of a target, beside its executable: MSI for Windows, pkg for macOS. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Executable } from './executable.ts'
import { buildPkg } from './macos/pkg.ts'
import { buildMsi, type SigningCertificate } from './windows/msi.ts'

/**
 * @param place.dist where it goes
 * @param place.work for what is left over; emptied first
 * @returns its path, or `undefined` for a target without one here
 */
export function buildInstaller(
  { target, version, folder: executables }: Executable,
  { dist, work }: { dist: string; work: string },
): string | undefined {
  const builtSeconds = commitSeconds()
  const common = { executables, work, version, builtSeconds }
  switch (target.name) {
    case 'win32-x64': {
      const output = join(dist, `tidewatch-${version}-x64.msi`)
      const certificate = certificateOf(process.env)
      buildMsi({ ...common, output, ...(certificate && { certificate }) })
      return output
    }
    case 'darwin-arm64':
    case 'darwin-x64': {
      const cpu = target.name === 'darwin-x64' ? 'x64' : 'arm64'
      const output = join(dist, `tidewatch-${version}-macos-${cpu}.pkg`)
      buildPkg({ ...common, cpu, output })
      return output
    }
    default:
      return undefined
  }
}

/** Two builds of a commit have the same times in them. */
function commitSeconds(): number {
  const given = process.env['SOURCE_DATE_EPOCH']
  if (given !== undefined) return Number(given)
  const shown = execFileSync('git', ['log', '-1', '--format=%ct'], {
    ...{ cwd: import.meta.dirname, encoding: 'utf8' },
  })
  return Number(shown)
}

/** `undefined` where none is given: both program and installer are unsigned then. */
export function certificateOf(
  env: Readonly<Record<string, string | undefined>>,
): SigningCertificate | undefined {
  const [file, passwordFile] = [
    env['TIDEWATCH_WINDOWS_PKCS12'],
    env['TIDEWATCH_WINDOWS_PASSWORD_FILE'],
  ]
  const timestampUrl = env['TIDEWATCH_WINDOWS_TIMESTAMP_URL']
  if (file === undefined || passwordFile === undefined) return undefined
  return { file, passwordFile, ...(timestampUrl !== undefined && { timestampUrl }) }
}

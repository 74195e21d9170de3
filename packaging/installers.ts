/** The installers of a target, beside its executable: deb and rpm for Linux, MSI for Windows, pkg for macOS. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Executable } from './executable.ts'
import { buildDeb } from './linux/deb.ts'
import { buildRpm } from './linux/rpm.ts'
import { developerIdOf } from './macos/developer-id.ts'
import { buildPkg } from './macos/pkg.ts'
import type { TargetName } from './targets.ts'
import { buildMsi, type SigningCertificate } from './windows/msi.ts'

export const INSTALLER_FORMS = ['deb', 'rpm', 'msi', 'pkg'] as const
export type InstallerForm = (typeof INSTALLER_FORMS)[number]

const FORMS: Readonly<Record<TargetName, readonly InstallerForm[]>> = {
  'linux-x64': ['deb', 'rpm'],
  'linux-arm64': ['deb', 'rpm'],
  'win32-x64': ['msi'],
  'darwin-arm64': ['pkg'],
  'darwin-x64': ['pkg'],
}
export const formsOf = (target: TargetName): readonly InstallerForm[] => FORMS[target]

export interface InstallerPlace {
  /** Where the installer goes. */
  readonly dist: string
  /** For what is left over; emptied first. */
  readonly work: string
}

/** @returns its path */
export function buildInstaller(
  form: InstallerForm,
  executable: Executable,
  place: InstallerPlace,
): string {
  const { target, version, folder: executables } = executable
  const { dist, work } = place
  const builtSeconds = commitSeconds()
  const common = { executables, work, version, builtSeconds }
  switch (form) {
    case 'deb':
      return buildDeb(executable, { ...place, builtSeconds })
    case 'rpm':
      return buildRpm(executable, { ...place, builtSeconds })
    case 'msi': {
      const output = join(dist, `tidewatch-${version}-x64.msi`)
      const certificate = certificateOf(process.env)
      buildMsi({ ...common, output, ...(certificate && { certificate }) })
      return output
    }
    case 'pkg': {
      const cpu = target.name === 'darwin-x64' ? 'x64' : 'arm64'
      const output = join(dist, `tidewatch-${version}-macos-${cpu}.pkg`)
      const developerId = developerIdOf(process.env)
      buildPkg({ ...common, cpu, output, ...(developerId && { developerId }) })
      return output
    }
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

/**
 * Signs by an Apple Developer ID and has Apple notarize: by Apple's own programs, which only a Mac has.
 * What is signed is the same as without: the programs before they go into the package, then the package.
 *
 * https://developer.apple.com/documentation/security/notarizing-macos-software-before-distribution
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { AgentError, codeOf, messageOf } from '../../platform/errors.ts'

const ENTITLEMENTS = join(import.meta.dirname, 'entitlements.plist')

export interface DeveloperId {
  /** As the keychain has it: `Developer ID Application: ...`. */
  readonly application: string
  /** `Developer ID Installer: ...`. */
  readonly installer: string
  /** Of `notarytool store-credentials`; without it the package is signed alone. */
  readonly notaryProfile?: string
}

/**
 * @returns `undefined` where none is given: programs are signed ad hoc then, and the package is not
 * @throws {AgentError} `ERR_USAGE` where only a part is given
 */
export function developerIdOf(
  env: Readonly<Record<string, string | undefined>>,
): DeveloperId | undefined {
  const [application, installer, notaryProfile] = [
    env['TIDEWATCH_MACOS_APPLICATION_ID'],
    env['TIDEWATCH_MACOS_INSTALLER_ID'],
    env['TIDEWATCH_MACOS_NOTARY_PROFILE'],
  ]
  if (application !== undefined && installer !== undefined) {
    return { application, installer, ...(notaryProfile !== undefined && { notaryProfile }) }
  }
  if ([application, installer, notaryProfile].every((it) => it === undefined)) return undefined
  throw new AgentError('ERR_USAGE', 'signing for macOS: only a part of the identity is given', {
    remedy: 'set TIDEWATCH_MACOS_APPLICATION_ID and TIDEWATCH_MACOS_INSTALLER_ID, or neither',
  })
}

/** @param mayCompile a program that makes code at run time, and no library */
export function signCode(
  path: string,
  identifier: string,
  { application, mayCompile }: Pick<DeveloperId, 'application'> & { mayCompile: boolean },
): void {
  run('codesign', [
    ...['--force', '--timestamp', '--options', 'runtime', '--identifier', identifier],
    ...(mayCompile ? ['--entitlements', ENTITLEMENTS] : []),
    ...['--sign', application, path],
  ])
  run('codesign', ['--verify', '--strict', path])
}

/** @param output the signed package, notarized and stapled where a profile is given */
export function signPackage(
  unsigned: string,
  output: string,
  { installer, notaryProfile }: DeveloperId,
): void {
  run('productsign', ['--timestamp', '--sign', installer, unsigned, output])
  if (notaryProfile === undefined) return
  const profile = ['--keychain-profile', notaryProfile]
  const said = run('xcrun', [
    ...['notarytool', 'submit', output, ...profile, '--wait', '--output-format', 'json'],
  ])
  const { id, status } = JSON.parse(said) as { id?: string; status?: string }
  if (status !== 'Accepted') {
    throw new AgentError('ERR_SIGN', `${output}: Apple's notary says ${status ?? 'nothing'}`, {
      remedy: `see xcrun notarytool log ${id ?? 'ID'} --keychain-profile ${notaryProfile}`,
    })
  }
  run('xcrun', ['stapler', 'staple', output])
}

function run(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    const isMissing = codeOf(cause) === 'ENOENT'
    const what = isMissing ? 'is not there' : messageOf(cause).trim().split('\n').at(-1)
    throw new AgentError('ERR_SIGN', `${program}: ${what}`, {
      cause,
      remedy: isMissing
        ? 'only a Mac with Xcode’s command line tools signs with an Apple identity; build there, or unset TIDEWATCH_MACOS_APPLICATION_ID and TIDEWATCH_MACOS_INSTALLER_ID'
        : 'unlock the keychain that has the identity (security find-identity -v)',
    })
  }
}

/**
 * `npm run package`: builds what is handed out, into `dist/`. Without words it builds everything that
 * this machine has the tools for; words choose targets and forms:
 *
 *   npm run package -- linux-x64 deb        the deb for amd64
 *   npm run package -- executable           the executables of all targets
 *
 * Each target's executable, its native modules and its SBOM lie in `dist/TARGET/`, what installs them
 * in `dist/` itself, with their digests in `dist/SHA256SUMS`.
 */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AgentError } from '../platform/errors.ts'
import { buildExecutable, type Executable, productVersion } from './executable.ts'
import { buildInstaller, formsOf, INSTALLER_FORMS, type InstallerForm } from './installers.ts'
import { sbomOf } from './sbom.ts'
import { TARGETS, type TargetName, targetOf } from './targets.ts'

const root = join(import.meta.dirname, '..')

interface PackageRequest {
  readonly targets: readonly TargetName[]
  readonly forms: readonly InstallerForm[]
  /** Where a person named a form, one that a target does not have is left out silently. */
  readonly version: string
  readonly dist: string
}

/** @throws {AgentError} `ERR_USAGE` for a word that is no target and no form */
export function requestOf(words: readonly string[]): PackageRequest {
  const chosen = { targets: new Set<TargetName>(), forms: new Set<InstallerForm>() }
  let isExecutableOnly = false
  let version = productVersion()
  let dist = join(root, 'dist')
  for (const word of words) {
    const [, name, value] = /^--(version|dist)=(.+)$/.exec(word) ?? []
    const target = TARGETS.find((known) => known === word)
    const form = INSTALLER_FORMS.find((known) => known === word)
    if (name === 'version' && value !== undefined) version = value
    else if (name === 'dist' && value !== undefined) dist = value
    else if (word === 'executable') isExecutableOnly = true
    else if (target !== undefined) chosen.targets.add(target)
    else if (form !== undefined) chosen.forms.add(form)
    else {
      const known = [...TARGETS, 'executable', ...INSTALLER_FORMS].join(', ')
      throw new AgentError('ERR_USAGE', `${word}: no target and no form`, {
        remedy: `use ${known}`,
      })
    }
  }
  const forms = chosen.forms.size > 0 ? [...chosen.forms] : isExecutableOnly ? [] : INSTALLER_FORMS
  const named = chosen.targets.size > 0 ? [...chosen.targets] : TARGETS
  // Of a form that was named, only the targets that have it.
  const isWanted = (target: TargetName) =>
    chosen.forms.size === 0 || formsOf(target).some((form) => chosen.forms.has(form))
  return { forms, version, dist, targets: named.filter(isWanted) }
}

async function buildPackages({ targets, forms, version, dist }: PackageRequest): Promise<void> {
  mkdirSync(dist, { recursive: true })
  for (const name of targets) {
    tell(`${name}: executable`)
    const executable = await buildExecutable(targetOf(name), {
      ...{ version, folder: join(dist, name), work: join(dist, 'work', name) },
    })
    writeFileSync(join(dist, `tidewatch-${version}-${name}.cdx.json`), sbomOf(executable))
    await buildInstallers(executable, forms, dist)
  }
  await writeChecksums(dist)
}

async function buildInstallers(
  executable: Executable,
  forms: readonly InstallerForm[],
  dist: string,
): Promise<void> {
  const { name } = executable.target
  for (const form of formsOf(name).filter((form) => forms.includes(form))) {
    const work = join(dist, 'work', `${name}-${form}`)
    tell(`${name}: ${basename(await buildInstaller(form, executable, { dist, work }))}`)
  }
}

/** As `sha256sum -c` reads it: of every file in `dist/` itself, and of the executables. */
async function writeChecksums(dist: string): Promise<void> {
  const folders = ['.', ...TARGETS].filter(
    (name) => readdirSync(dist).includes(name) || name === '.',
  )
  const files = folders.flatMap((folder) =>
    readdirSync(join(dist, folder))
      .map((name) => join(folder, name))
      .filter((path) => path !== 'SHA256SUMS' && statSync(join(dist, path)).isFile()),
  )
  const lines: string[] = []
  for (const file of files.sort()) lines.push(`${await sha256Of(join(dist, file))}  ${file}\n`)
  writeFileSync(join(dist, 'SHA256SUMS'), lines.join(''))
}

async function sha256Of(path: string): Promise<string> {
  const sum = createHash('sha256')
  await pipeline(createReadStream(path), sum)
  return sum.digest('hex')
}

const tell = (text: string): void => void process.stderr.write(`${text}\n`)

if (import.meta.main) {
  try {
    await buildPackages(requestOf(process.argv.slice(2)))
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    const remedy = error.remedy === undefined ? '' : `; ${error.remedy}`
    tell(`${error.message}${remedy}`)
    process.exitCode = error.code === 'ERR_USAGE' ? 64 : 70
  }
}

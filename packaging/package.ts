/**
 * `npm run package`: builds what is handed out, into `dist/`: for each target its executable with its
 * native modules in `dist/TARGET/`, its SBOM and its installer beside that folder, and the digests of all in
 * `dist/SHA256SUMS`. Words choose targets: `npm run package -- linux-x64`.
 */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AgentError } from '../platform/errors.ts'
import { buildExecutable, productVersion } from './executable.ts'
import { buildInstaller } from './installers.ts'
import { sbomOf } from './sbom.ts'
import { TARGETS, type TargetName, targetOf } from './targets.ts'

const root = join(import.meta.dirname, '..')

interface PackageRequest {
  readonly targets: readonly TargetName[]
  readonly version: string
  readonly dist: string
}

/** @throws {AgentError} `ERR_USAGE` for a word that is no target */
export function requestOf(words: readonly string[]): PackageRequest {
  const targets: TargetName[] = []
  let version = productVersion()
  let dist = join(root, 'dist')
  for (const word of words) {
    const [, name, value] = /^--(version|dist)=(.+)$/.exec(word) ?? []
    const target = TARGETS.find((known) => known === word)
    if (name === 'version' && value !== undefined) version = value
    else if (name === 'dist' && value !== undefined) dist = value
    else if (target !== undefined) targets.push(target)
    else {
      throw new AgentError('ERR_USAGE', `${word}: no target`, {
        remedy: `use ${TARGETS.join(', ')}`,
      })
    }
  }
  return { targets: targets.length > 0 ? targets : TARGETS, version, dist }
}

async function buildPackages({ targets, version, dist }: PackageRequest): Promise<void> {
  mkdirSync(dist, { recursive: true })
  for (const name of targets) {
    tell(`${name}: executable`)
    const executable = await buildExecutable(targetOf(name), {
      ...{ version, folder: join(dist, name), work: join(dist, 'work', name) },
    })
    writeFileSync(join(dist, `tidewatch-${version}-${name}.cdx.json`), sbomOf(executable))
    const installer = buildInstaller(executable, { dist, work: join(dist, 'work', name) })
    if (installer !== undefined) tell(`${name}: ${basename(installer)}`)
  }
  await writeChecksums(dist)
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

/**
 * Packages of other systems, which npm does not install here: Node and native modules. They are
 * fetched by `npm pack` and held to the digest in package-lock.json, so that what goes into an
 * installer is what was reviewed. The digest is checked at each use: the cache is trusted no more than
 * the network.
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages
 */
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError } from '../platform/errors.ts'

const root = join(import.meta.dirname, '..')
/** Node is 60 MB a system: kept between builds, and by all checkouts of one machine. */
const CACHE = join(process.env['TIDEWATCH_CACHE'] ?? '/var/tmp/tidewatch', 'npm')

export interface LockedPackage {
  readonly version: string
  /** Subresource Integrity: `sha512-` and base64. */
  readonly integrity: string
  readonly license?: string
}

/** @throws {AgentError} `ERR_LOCKFILE` where the lockfile does not hold it, with its digest */
export function lockedPackage(name: string): LockedPackage {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const found = lock.packages?.[`node_modules/${name}`]
  if (typeof found?.version === 'string' && typeof found.integrity === 'string') return found
  throw new AgentError('ERR_LOCKFILE', `package-lock.json: ${name} has no version with a digest`, {
    remedy: 'name it in package.json and run npm install',
  })
}

/** @throws {AgentError} `ERR_INTEGRITY` where these are not the bytes that the lockfile means */
export function checkIntegrity(name: string, integrity: string, bytes: Uint8Array): void {
  const [algorithm = '', ...digest] = integrity.split('-')
  if (algorithm === 'sha512' && hash(algorithm, bytes, 'base64') === digest.join('-')) return
  throw new AgentError('ERR_INTEGRITY', `${name}: not the bytes of package-lock.json`, {
    remedy: `remove it from ${CACHE}; if it comes again, trust nothing`,
  })
}

/**
 * Unpacks a package of the lockfile.
 * @param folder made if it is not there; the package's files are put right into it
 */
export function unpackPackage(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  // tar reads the very bytes that were checked, not the file again.
  execFileSync('tar', ['-xzf', '-', '-C', folder, '--strip-components=1'], {
    input: packedPackage(name),
  })
}

function packedPackage(name: string): Uint8Array {
  const { version, integrity } = lockedPackage(name)
  // As npm names its file: @scope/name becomes scope-name.
  const file = `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`
  const path = join(CACHE, file)
  if (!existsSync(path)) {
    const unfinished = join(CACHE, `new-${process.pid}`)
    mkdirSync(unfinished, { recursive: true })
    const fetched = ['pack', `${name}@${version}`, '--silent', '--pack-destination', unfinished]
    execFileSync('npm', fetched, { stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(join(unfinished, file), path)
  }
  const bytes = readFileSync(path)
  checkIntegrity(`${name}@${version}`, integrity, bytes)
  return bytes
}

/**
 * One executable a target, by Node's own single executable application (SEA): Node of the target with
 * the bundle in it, native modules beside it. Built on any host of the pinned Node version.
 *
 * The options of the process are built in, and nothing outside adds to them: NODE_OPTIONS could load a
 * program of its own into a process of root, and SIGUSR1 would open a debugger's port.
 * @see https://nodejs.org/api/single-executable-applications.html
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AgentError } from '../platform/errors.ts'
import { type Bundle, bundleAgent } from './bundle.ts'
import { lockedPackage, unpackPackage } from './npm-package.ts'
import { KOFFI_FILE, SQLITE_FILE, type Target } from './targets.ts'

const root = join(import.meta.dirname, '..')

/**
 * A small process: the heap is kept tight and given back. V8 has no threads of its own: they wake an
 * idle agent, and Node may wait for one forever when it ends (nodejs/node issue 54918), which an
 * installed `agent status` once did. None of them may be one that changes what V8 compiles, as
 * `--optimize-for-size` or `--single-threaded` do: Node's own modules come with a code cache that V8
 * then refuses, and starting takes a third longer.
 */
const V8_FLAGS = [
  '--max-old-space-size=192',
  '--max-semi-space-size=1',
  '--v8-pool-size=0',
  '--single-threaded-gc',
  '--no-concurrent-recompilation',
] as const
/** What the executable starts with. */
export const EXEC_ARGV = [...V8_FLAGS, '--disable-sigusr1'] as const
/** Of the building Node alone: the same source gives the same code cache. */
const REPRODUCIBLE = ['--random-seed=1'] as const

export interface Executable {
  readonly target: Target
  readonly version: string
  /** Holds the executable and its native modules, and nothing else. */
  readonly folder: string
  /** In that folder, the executable first. */
  readonly files: readonly string[]
  readonly bundle: Bundle
}

/**
 * @param options.folder where the files go: emptied first
 * @param options.work for what is left over: emptied first
 */
export async function buildExecutable(
  target: Target,
  { folder, work, version }: { folder: string; work: string; version: string },
): Promise<Executable> {
  for (const made of [folder, work]) {
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made, { recursive: true })
  }
  unpackPackage(target.nodePackage, join(work, 'node'))
  unpackPackage(target.koffiPackage, join(work, 'koffi'))
  const node = join(work, 'node', target.nodePath)
  checkNodeVersion(target)
  const sqlite = join(root, 'node_modules', 'better-sqlite3', target.sqlitePath)
  copyFileSync(sqlite, join(folder, SQLITE_FILE))
  copyFileSync(join(work, 'koffi', target.koffiPath), join(folder, KOFFI_FILE))
  if (target.strip !== undefined) {
    // Before the bundle is put in: afterwards its note would be damaged.
    for (const file of [node, join(folder, SQLITE_FILE), join(folder, KOFFI_FILE)]) {
      execFileSync(target.strip, ['--strip-unneeded', file])
    }
  }
  const bundle = await bundleAgent(work, version)
  inject(target, { node, bundle, output: join(folder, target.executable), work })
  chmodSync(join(folder, target.executable), 0o755)
  for (const file of [SQLITE_FILE, KOFFI_FILE]) chmodSync(join(folder, file), 0o644)
  const files = [target.executable, SQLITE_FILE, KOFFI_FILE]
  return { target, version, folder, files, bundle }
}

function inject(
  target: Target,
  { node, bundle, output, work }: { node: string; bundle: Bundle; output: string; work: string },
): void {
  const isNative = target.name === `${process.platform}-${process.arch}`
  const assets = [...bundle.chunks]
  // Its bytes depend on the processor that made it.
  if (isNative) {
    const script = join(import.meta.dirname, 'code-cache.ts')
    const names = bundle.chunks.map((chunk) => basename(chunk))
    const args = [...V8_FLAGS, ...REPRODUCIBLE, script, ...names]
    execFileSync(process.execPath, args, { cwd: dirname(bundle.chunks[0] ?? '') })
    assets.push(...bundle.chunks.map((chunk) => `${chunk}.cache`))
  }
  // Names without a folder: they are written into the executable.
  const options = {
    ...{ main: basename(bundle.main), executable: node, output: target.executable },
    ...{ disableExperimentalSEAWarning: true, execArgv: EXEC_ARGV, execArgvExtension: 'none' },
    assets: Object.fromEntries(assets.map((file) => [basename(file), file])),
    useCodeCache: isNative,
  }
  writeFileSync(join(work, 'sea.json'), JSON.stringify(options))
  const flags = [...V8_FLAGS, ...REPRODUCIBLE, '--build-sea', 'sea.json']
  execFileSync(process.execPath, flags, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] })
  renameSync(join(work, target.executable), output)
}

/** Node writes what only the same Node reads. */
function checkNodeVersion({ nodePackage }: Target): void {
  const { version } = lockedPackage(nodePackage)
  if (`v${version}` === process.version) return
  throw new AgentError(
    'ERR_BUILD_NODE',
    `${nodePackage} ${version}: built by Node ${process.version}, it would not start`,
    { remedy: 'build by npm run package, which takes the pinned Node' },
  )
}

/** The product's version. */
export const productVersion = (): string =>
  String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)

/**
 * Windows programs on Linux, for live tests as root: wine 10 of Debian trixie in a chroot that is kept
 * for all tests, and for each test a session with a mount and process namespace and a Windows drive of
 * its own. Whatever runs in a session ends with it, and so do its mounts.
 *
 * What a program writes goes to a file: Node for Windows refuses the pipes that wine hands it (EBADF).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { stop } from './net-hosts.ts'
import { until } from './until.ts'

/** Where what is made once is kept: some 1.1 GB. */
export const cacheFolder = process.env['TIDEWATCH_CACHE'] ?? '/var/tmp/tidewatch'
const CHROOT = join(cacheFolder, 'wine10-trixie')
const PACKAGES = 'wine64,wine,ca-certificates'

const PROGRAMS = ['mmdebstrap', 'unshare', 'nsenter', 'flock']

/** For tap's `skip`: what is missing here, or `false`. */
export function withoutWine(): string | false {
  if (process.env['TIDEWATCH_LIVE'] !== '1' || process.getuid?.() !== 0) {
    return 'runs Windows programs by wine, as root: set TIDEWATCH_LIVE=1'
  }
  return PROGRAMS.map((name) => withoutProgram(name)).find(Boolean) ?? false
}

/** For tap's `skip`. @param debianPackage where it is another than the program */
export const withoutProgram = (name: string, debianPackage = name): string | false =>
  ['/usr/bin', '/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, name)))
    ? false
    : `not installed: ${debianPackage}`

export interface WineOptions {
  /** Of the test's own; the Windows drive is made in it, some 700 MB, and removed by `close`. */
  readonly folder: string
  /** Folders that Windows programs see read-only as `Z:\mnt\NAME`, by that name. */
  readonly mounts?: Readonly<Record<string, string>>
  /** For every program, besides what wine needs. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Wine {
  /** The Windows drive C: as this machine sees it: files can be put there and read. */
  readonly driveC: string
  /** Starts a program by wine: `['C:\\x.exe', 'word']`. */
  start(command: readonly string[], env?: Readonly<Record<string, string>>): WineProgram
  /** Runs one to its end. @throws {Error} with its output, where its code is not 0 */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  /** Ends every program of the session, and takes down what it set up. */
  close(): Promise<void>
}

export interface WineProgram {
  readonly child: ChildProcess
  /** What it has written so far, both streams. */
  output(): string
  /** Its exit code, of which wine hands on the lower eight bits. */
  readonly ended: Promise<number | undefined>
}

/** Makes the chroot where it is not there yet: some 30 s, once on a machine. */
function ensureChroot(): void {
  mkdirSync(cacheFolder, { recursive: true })
  if (existsSync(CHROOT)) return
  const unfinished = `${CHROOT}.new`
  const make = `[ -e ${CHROOT} ] || { rm -rf ${unfinished} && mmdebstrap --quiet --variant=minbase --include=${PACKAGES} trixie ${unfinished} && mv ${unfinished} ${CHROOT}; }`
  // Two tests may want it at once.
  execFileSync('flock', [`${CHROOT}.lock`, 'sh', '-c', make], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Makes a Windows of its own and keeps it running: its services stay as they are between programs. */
export async function startWine({ folder, mounts = {}, env = {} }: WineOptions): Promise<Wine> {
  ensureChroot()
  const inside = { prefix: '/mnt/wine/prefix', ready: join(folder, 'wine-is-up') }
  mkdirSync(folder, { recursive: true })
  // A file system in memory lies over each folder that is written to: the chroot stays as it was made.
  const binds = [
    `mount -t proc proc ${CHROOT}/proc`,
    `mount --rbind /dev ${CHROOT}/dev`,
    `mount -t tmpfs tmpfs ${CHROOT}/tmp`,
    `mount -t tmpfs tmpfs ${CHROOT}/mnt`,
    `mkdir ${CHROOT}/mnt/wine`,
    `mount --bind ${quoted(folder)} ${CHROOT}/mnt/wine`,
    ...Object.entries(mounts).flatMap(([name, path]) => [
      `mkdir ${CHROOT}/mnt/${name}`,
      `mount --bind -o ro ${quoted(path)} ${CHROOT}/mnt/${name}`,
    ]),
    `touch ${quoted(inside.ready)}`,
    // The first process of the namespace, which has to bury those whose parent is gone.
    `exec chroot ${CHROOT} /bin/sh -c 'while :; do sleep 3600 & wait $!; done'`,
  ]
  const session = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', binds.join('\n')],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  await until('the namespace is set up', () => {
    if (session.exitCode !== null) throw new Error('wine: its namespace could not be set up')
    return existsSync(inside.ready)
  })
  const first = await firstChildOf(session.pid as number)
  let programs = 0

  function start(
    command: readonly string[],
    more: Readonly<Record<string, string>> = {},
    loader = 'wine',
  ): WineProgram {
    const log = join(
      folder,
      `wine-${++programs}-${basename(command[0] ?? '')
        .slice(0, 40)
        .replace(/[^\w.]/g, '-')}.log`,
    )
    const file = openSync(log, 'w')
    const child = spawn(
      'nsenter',
      ['--target', String(first), '--mount', '--pid', '--root', '--wdns=/', loader, ...command],
      {
        stdio: ['ignore', file, file],
        env: {
          PATH: '/usr/bin:/bin',
          HOME: '/mnt/wine',
          WINEPREFIX: inside.prefix,
          WINEDEBUG: '-all',
          // Neither the browser nor .NET that a new prefix would ask for.
          WINEDLLOVERRIDES: 'mscoree,mshtml=',
          ...env,
          ...more,
        },
      },
    )
    closeSync(file)
    const ended = once(child, 'exit').then(([code]) => code ?? undefined)
    return { child, ended, output: () => readFileSync(log, 'utf8') }
  }

  async function run(
    command: readonly string[],
    more?: Readonly<Record<string, string>>,
  ): Promise<string> {
    const program = start(command, more)
    const code = await program.ended
    if (code !== 0) throw new Error(`${command.join(' ')}: ended with ${code}\n${program.output()}`)
    return program.output()
  }

  async function close(): Promise<void> {
    await stop(session, 'SIGKILL')
    rmSync(join(folder, 'prefix'), { recursive: true, force: true })
    rmSync(inside.ready, { force: true })
  }

  try {
    await run(['wineboot', '--init'])
    // Its services end after it. A program that came before that would start them a second time, and
    // then two service managers answer, each with services of its own.
    await start(['--wait'], {}, 'wineserver').ended
    // Windows shuts down its services when the last program ends.
    start(['ping', '-n', '100000', '127.0.0.1'])
  } catch (error) {
    await close()
    throw error
  }
  return { driveC: join(folder, 'prefix', 'drive_c'), start, run, close }
}

async function firstChildOf(pid: number): Promise<number> {
  const path = `/proc/${pid}/task/${pid}/children`
  let first = 0
  await until('the first process of the namespace', () => {
    first = Number(readFileSync(path, 'utf8').trim().split(' ')[0])
    return first > 0
  })
  return first
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`

/**
 * A package of the lockfile that npm does not install on this system (Node for Windows, a library's
 * Windows part), fetched once and checked against the lockfile's digest.
 * @returns the folder of its contents
 */
export function foreignPackage(name: string): string {
  const root = join(import.meta.dirname, '..', '..')
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string } | undefined>
  }
  const locked = lock.packages[`node_modules/${name}`]
  if (locked === undefined) throw new Error(`${name} is not in package-lock.json`)
  const target = join(cacheFolder, 'npm', `${name.replace('/', '+')}-${locked.version}`)
  if (existsSync(target)) return target
  const work = `${target}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', `${name}@${locked.version}`, '--json', '--silent'], {
        cwd: work,
        encoding: 'utf8',
      }),
    ) as { filename: string }[]
    const file = join(work, packed?.filename ?? '')
    const [algorithm = '', digest] = locked.integrity.split(/-(.*)/)
    if (hash(algorithm, readFileSync(file), 'base64') !== digest) {
      throw new Error(`${name}@${locked.version} is not what package-lock.json says`)
    }
    execFileSync('tar', ['-xzf', file, '-C', work])
    renameSync(join(work, 'package'), target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return target
}

#!/usr/bin/env node
/**
 * The command line's entry and composition root: builds what the commands are handed. Nothing
 * imports this file. What needs a modern Node is loaded only when this is one.
 */
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir, hostname, platform, release } from 'node:os'
import { join } from 'node:path'
import { isSea } from 'node:sea'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import type { AgentOptions, CommandContext } from './commands/context.ts'
import type { AgentStatus } from './control/status.ts'
import type { ServiceProgram } from './service/service-manager.ts'

const NODE_MAJOR = 26
/** What is still read or written when all is done is waited for so long, ms. */
const LAST_FILES_MS = 2_000
/** Written in by packaging/bundle.ts: there is no manifest beside the executable. */
declare const TIDEWATCH_VERSION: string | undefined
const isPackaged = typeof TIDEWATCH_VERSION === 'string'
const major = Number.parseInt(process.versions.node, 10)

if (major < NODE_MAJOR) {
  process.stderr.write(
    `tidewatch needs Node ${NODE_MAJOR}, this is ${process.versions.node}; ` +
      'start it by npm, which brings its own: npx agent\n',
  )
  process.exitCode = 70
} else {
  // Not awaited at the top: the executable's chunks are no ES modules.
  void main()
}

async function main(): Promise<void> {
  // Stripping types anew at each start costs 20 MB and half a second.
  if (!isPackaged)
    enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'tidewatch'))
  const { program, runProgram } = await import('./commands/program.ts')
  const { huntCommand } = await import('./commands/hunt.ts')
  const { systemClock } = await import('./clock.ts')
  const { defaultPaths } = await import('./paths.ts')
  const { hostService, systemDirOf } = await import('./service/host-service.ts')
  const { openStoreReadOnly } = await import('../storage/database.ts')
  const { stdout, env } = process

  // `agent alerts | head` closes the pipe early: that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const print = (text: string): void => void stdout.write(text)
  const paths = defaultPaths({
    ...{ platform: process.platform, uid: process.getuid?.() },
    ...{ home: homedir(), env },
  })
  const context: CommandContext = {
    version: isPackaged ? TIDEWATCH_VERSION : manifestVersion(),
    output: {
      write: print,
      isTerminal: stdout.isTTY === true,
      isColored: stdout.isTTY === true && stdout.hasColors() && !env['NO_COLOR'],
      size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    },
    paths,
    clock: systemClock(),
    host: { name: hostname(), os: `${platform()} ${release()}` },
    openStoreReadOnly,
    // Loaded by the command that needs it: `agent status` answers sooner without.
    runSensor: async (options) => {
      const { runAgent } = await import('./run-agent.ts')
      const onReady = (status: () => AgentStatus | undefined): void => {
        options.onReady?.(status)
        void tellSystemd(options, status)
        void stayLean(options)
      }
      return runAgent({ ...options, onReady }, { platform: process.platform })
    },
    stopSignal,
    service: {
      manager: () => hostService({ platform: process.platform, env, configFile: paths.configFile }),
      program: serviceProgram(),
      async run(work) {
        const { runWindowsService } = await import('./service/windows-dispatcher.ts')
        await runWindowsService({ systemDir: systemDirOf(env), work })
      },
    },
    setExitCode: (code) => {
      process.exitCode = code
    },
  }
  const root = program(context, [huntCommand()])
  const complain = (text: string): void => void process.stderr.write(text)
  const code = await runProgram(root, process.argv.slice(2), complain, print)
  if (code !== undefined) process.exitCode = code
  // From source V8 has threads, which Node may wait for forever when nothing is left to do
  // (nodejs/node issue 54918).
  await Promise.all([stdout, process.stderr].map(flushed))
  await filesDone()
  process.exit()
}

/**
 * Node ends its threads before itself, and one that stands in the system (a file of a server that is
 * gone) never ends: then the process is ended from without.
 */
async function filesDone(): Promise<void> {
  const isHeld = () => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))
  const endMs = performance.now() + LAST_FILES_MS
  while (isHeld() && performance.now() < endMs) await setTimeout(20)
  if (isHeld()) process.kill(process.pid, 'SIGKILL')
}

/** Says nothing where it was not systemd that started this process. */
async function tellSystemd(
  { clock, signal, view }: AgentOptions,
  status: () => AgentStatus | undefined,
): Promise<void> {
  const { libcDatagram, sdNotify } = await import('./service/sd-notify.ts')
  const { env, pid } = process
  const complain = (text: string): void => view.message(text)
  const notify = await sdNotify({ env, pid, open: libcDatagram, complain })
  if (notify === undefined) return
  const { systemdLife } = await import('./service/systemd-life.ts')
  await systemdLife({ notify, status, signal, ticks: clock.ticks })
}

/** Memory before speed, now that all is loaded. */
async function stayLean({ clock, signal }: AgentOptions): Promise<void> {
  // Not from the start: V8 would refuse the code cache of Node's own modules.
  setFlagsFromString('--optimize-for-size')
  if (!isPackaged || process.platform !== 'linux') return
  const { giveBackProgramPages, libcAdvise } = await import('./service/program-pages.ts')
  await giveBackProgramPages({ advise: await libcAdvise(), signal, ticks: clock.ticks })
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

function manifestVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

/** The executable by itself where it is one, else Node with the sources. */
function serviceProgram(): ServiceProgram {
  return isSea() ? [process.execPath] : [process.execPath, import.meta.filename]
}

/** The first signal asks the agent to stop, the second one ends it as a signal does. */
function stopSignal(): AbortSignal {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
  return abort.signal
}

/**
 * What a command is handed: where it prints, where files are, and how the outside is reached. The
 * composition root (`agent/main.ts`) builds the real one, tests a small one.
 */

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { StoreReader } from '../../storage/store.ts'
import type { SystemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { ConfigFile, LoadedConfig } from '../config/load.ts'
import type { AgentStatus, FleetStatus } from '../control/status.ts'
import type { DefaultPaths } from '../paths.ts'
import type { SensorView } from '../report/live-view.ts'
import { type Paint, painted, plain } from '../report/text.ts'
import { safeJson } from '../safe-json.ts'
import type { ServiceLink, ServiceManager, ServiceProgram } from '../service/service-manager.ts'

/** Where text goes. A terminal has a size; a file or pipe has none. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Whether it wants color: a terminal without NO_COLOR. */
  readonly isColored: boolean
  /** Asked each time, since windows change. */
  size(): { readonly columns: number; readonly rows: number }
}

/** What `agent/sensor.ts` is started with. */
export interface SensorOptions {
  readonly version: string
  readonly config: Config
  readonly dataDir: string
  readonly clock: SystemClock
  readonly signal: AbortSignal
  readonly view: SensorView
  /** What the fleet is, where there is one. */
  readonly fleetStatus?: () => FleetStatus | undefined
}

/** What the agent is started with: the sensor's options, and the file that a fleet is laid over. */
export interface AgentOptions extends Omit<SensorOptions, 'fleetStatus'> {
  readonly loaded: LoadedConfig
  /** Called when all is started: what a service manager waits for. */
  readonly onReady?: (status: () => AgentStatus | undefined) => void
}

export interface ServiceAccess {
  /** @throws {AgentError} `ERR_PLATFORM` where there is none that we know */
  manager(): Promise<ServiceManager>
  /** What `agent service install` registers. */
  readonly program: ServiceProgram
  /** Runs it as the service that the system's manager has started; it gives the exit code. */
  run(work: (link: ServiceLink) => Promise<number>): Promise<void>
}

export interface CommandContext {
  readonly version: string
  readonly output: Output
  readonly paths: DefaultPaths
  readonly clock: SystemClock
  /** Facts of this host, for a status without an agent. */
  readonly host: AgentStatus['host']
  /** @throws {AgentError} `ERR_STORE_MISSING` where no agent has run yet */
  openStoreReadOnly(dataDir: string): StoreReader
  runSensor(options: AgentOptions): Promise<void>
  /** Aborts when a person or the service manager wants the process to stop. */
  readonly stopSignal: () => AbortSignal
  readonly service: ServiceAccess
  /** What the process ends with, unless an error says otherwise. */
  setExitCode(code: number): void
}

/** As commander gives the options of `withDataOptions`. */
export interface DataOptions {
  readonly config?: string
  readonly dataDir?: string
}

/** The options of every command that reads the configuration or the data folder. */
export const withDataOptions = (command: Command, { paths }: CommandContext): Command =>
  command
    .option('--config <file>', `configuration file (default: ${paths.configFile}, if it is there)`)
    .option('--data-dir <folder>', `folder of the database (default: ${paths.dataDir})`)

export const configOf = (
  { paths }: CommandContext,
  { config }: DataOptions,
): Promise<LoadedConfig> =>
  loadConfig({ path: config ?? paths.configFile, isNamed: config !== undefined })

/** Its library is loaded when a configuration is read: help and version are told sooner without. */
export async function loadConfig(file: ConfigFile): Promise<LoadedConfig> {
  const loader = await import('../config/load.ts')
  return loader.loadConfig(file)
}

/** The option, else the configuration's `dataDir`, else the default. */
export async function dataDirOf(context: CommandContext, options: DataOptions): Promise<string> {
  // The agent's pipe on Windows is named by the whole path.
  if (options.dataDir !== undefined) return resolve(options.dataDir)
  // A file without the word does not set it: `agent status` need not wait for the schema of all settings.
  // One that is named is read whole, and what is wrong in it is said.
  const text =
    options.config === undefined
      ? await readFile(context.paths.configFile, 'utf8').catch(() => '')
      : ''
  if (text !== '' && !text.includes('dataDir')) return context.paths.dataDir
  const { config } = await configOf(context, options)
  return config.dataDir ?? context.paths.dataDir
}

export const paintOf = ({ output }: CommandContext): Paint => (output.isColored ? painted : plain)

/** A width where there is one, to lay tables out in. */
export const widthOf = ({ output }: CommandContext): number | undefined =>
  output.isTerminal ? output.size().columns : undefined

export const printLines = ({ output }: CommandContext, lines: readonly string[]): void =>
  output.write(lines.map((line) => `${line}\n`).join(''))

export const printJson = ({ output }: CommandContext, value: unknown): void =>
  output.write(`${safeJson(JSON.stringify(value, undefined, 2))}\n`)

/** The examples that `--help` ends with. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`

/**
 * The system's own service manager, as `agent service` uses it on a machine without a package. What it
 * does is done by the system's own programs; they are handed in, so that tests stand in for them.
 */
import { AgentError } from '../../platform/errors.ts'

export type ServiceState = 'not-installed' | 'stopped' | 'starting' | 'running' | 'stopping'

export interface ServiceManager {
  /** What a person calls it: "Windows service Tidewatch". */
  readonly label: string
  /** Registers the service, also anew, to start with the system; does not start it. */
  install(program: ServiceProgram): Promise<void>
  /** Stops it where it runs; the configuration and the database stay. */
  uninstall(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  state(): Promise<ServiceState>
}

/** The agent's program by its full path, and what stands before the words of a command. */
export type ServiceProgram = readonly [executable: string, ...args: string[]]

/** What the agent and the manager of its service tell each other while it runs. */
export interface ServiceLink {
  /** Aborts when the manager wants the service to stop. */
  readonly signal: AbortSignal
  /** The service does its work now. */
  ready(): void
  /** Into the system's own log. */
  log(level: 'error' | 'warn' | 'info', text: string): void
}

export interface ProgramResult {
  readonly exitCode: number
  /** Both streams. */
  readonly output: string
}

/** Runs a program of the system to its end; a program that is not there is an `AgentError`. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<ProgramResult>

/** @throws {AgentError} `ERR_SERVICE`: what failed, with the program's own words */
export async function mustSucceed(
  run: RunProgram,
  program: string,
  args: readonly string[],
  remedy: string,
): Promise<string> {
  const { exitCode, output } = await run(program, args)
  if (exitCode === 0) return output
  const said = output.trim().replace(/\s+/g, ' ')
  const what = `${program} ${args[0] ?? ''} failed with ${exitCode}`
  throw new AgentError('ERR_SERVICE', said === '' ? what : `${what}: ${said}`, { remedy })
}

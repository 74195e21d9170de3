import type { CommandContext, SensorOptions, ServiceAccess } from '../../agent/commands/context.ts'
import { program, runProgram } from '../../agent/commands/program.ts'
import { AgentError } from '../../platform/errors.ts'
import { fakeClock } from './fake-clock.ts'
import { NOW_MS } from './status.ts'

/** A host whose service manager is not known. */
export const noService: ServiceAccess = {
  manager: async () => {
    throw new AgentError('ERR_PLATFORM', 'no service manager')
  },
  program: ['/opt/tidewatch'],
  run: async () => {
    throw new AgentError('ERR_SERVICE', 'no service')
  },
}

export interface Ran {
  readonly output: string
  readonly complaint: string
  /** Of the process: 0 where nothing else was said. */
  readonly exitCode: number
  /** What the sensor was started with. */
  readonly sensor: SensorOptions | undefined
}

/** Runs a command line against a context of fakes; `change` replaces parts of it. */
export async function runAgent(
  args: readonly string[],
  change: Partial<CommandContext> = {},
): Promise<Ran> {
  let output = ''
  let complaint = ''
  let exitCode = 0
  let sensor: SensorOptions | undefined
  const context: CommandContext = {
    version: '1.2.3',
    output: {
      write: (text) => {
        output += text
      },
      isTerminal: false,
      isColored: false,
      size: () => ({ columns: 80, rows: 24 }),
    },
    paths: { dataDir: '/nonexistent/state', configFile: '/nonexistent/agent.yml' },
    clock: { ...fakeClock(NOW_MS, 1), sleep: async () => {} },
    host: { name: 'here', os: 'test' },
    openStoreReadOnly: (folder) => {
      throw new AgentError('ERR_STORE_MISSING', `${folder}: no database to read`, {
        remedy: 'start the agent',
      })
    },
    runSensor: async (options) => {
      sensor = options
    },
    stopSignal: () => new AbortController().signal,
    service: noService,
    setExitCode: (code) => {
      exitCode = code
    },
    ...change,
  }
  const root = program(context)
  const say = (text: string) => {
    complaint += text
  }
  const failure = await runProgram(root, args, say, (text) => context.output.write(text))
  return { output, complaint, exitCode: failure ?? exitCode, sensor }
}

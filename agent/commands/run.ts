/** `agent run`: the sensor in the foreground, with a view of what it finds, until it is stopped. */
import { isAbsolute, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { AgentError } from '../../platform/errors.ts'
import type { Config } from '../config/config.ts'
import type { LogFile } from '../log-file.ts'
import { eventLogView } from '../report/event-log-view.ts'
import { type ClosableView, logView, terminalView } from '../report/live-view.ts'
import type { ServiceLink } from '../service/service-manager.ts'
import {
  type AgentOptions,
  type CommandContext,
  configOf,
  type DataOptions,
  examples,
  paintOf,
  withDataOptions,
} from './context.ts'
import { exitCodeOf, failureLines } from './exit-code.ts'

interface RunOptions extends DataOptions {
  readonly json?: boolean
  readonly service?: boolean
  readonly logFile?: string
}

/** How the agent is run: what it shows, and who stops it. */
interface Surroundings {
  readonly signal: AbortSignal
  readonly onReady?: NonNullable<AgentOptions['onReady']>
  view(config: Config): ClosableView | Promise<ClosableView>
}

export function runCommand(context: CommandContext): Command {
  return withDataOptions(new Command('run'), context)
    .description('watch this host in the foreground, and show what recurs')
    .option('--json', "the agent's own log in ECS: one JSON object a line for each change")
    .option('--log-file <path>', 'write the log to this file, 16 MiB at most with three older ones')
    .addOption(new Option('--service', 'as the Windows service, which Windows starts').hideHelp())
    .addHelpText(
      'after',
      examples(
        'agent run                          as root sees most; without root it says what is missing',
        'agent run --data-dir ./data        keep the database here',
        'agent run --json                   its log in ECS, for a log shipper',
      ),
    )
    .action((options: RunOptions) =>
      options.service
        ? context.service.run((link) => serve(context, options, link))
        : run(context, options, {
            signal: context.stopSignal(),
            view: ({ log }) => viewOf(context, options, log.level),
          }),
    )
}

/** @returns the exit code; what went wrong is in the system's log, since nobody reads the output */
async function serve(
  context: CommandContext,
  options: RunOptions,
  link: ServiceLink,
): Promise<number> {
  try {
    const { adoptAnswers } = await import('../service/install-answers.ts')
    await adoptAnswers(context.paths.configFile)
    await run(context, options, {
      signal: link.signal,
      onReady: link.ready,
      view: ({ log }) => eventLogView(link.log, log.level, context.clock.now),
    })
    return 0
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    link.log('error', failureLines(error))
    return exitCodeOf(error)
  }
}

async function run(
  context: CommandContext,
  options: RunOptions,
  { signal, onReady, view: viewFor }: Surroundings,
): Promise<void> {
  const loaded = await configOf(context, options)
  const { config, file } = loaded
  const chosen = options.dataDir ?? config.dataDir ?? context.paths.dataDir
  const dataDir = isAbsolute(chosen) ? chosen : resolve(chosen)
  const view = await viewFor(config)
  try {
    view.message(`tidewatch ${context.version}, data in ${dataDir}`)
    view.message(file === undefined ? 'configuration: all defaults' : `configuration: ${file}`)
    const { clock, version } = context
    const readiness = onReady === undefined ? {} : { onReady }
    await context.runSensor({ version, config, loaded, dataDir, clock, signal, view, ...readiness })
  } finally {
    view.close()
  }
}

async function viewOf(
  context: CommandContext,
  { json: isJson = false, logFile: path }: RunOptions,
  level: Config['log']['level'],
): Promise<ClosableView> {
  const { clock, output } = context
  const file = path === undefined ? undefined : await logFileAt(path)
  const write = file?.write ?? ((text: string) => output.write(text))
  const options = { now: clock.now, write }
  if (isJson) {
    const { ecsLogView } = await import('../report/ecs-log-view.ts')
    return ecsLogView({ ...options, level, version: context.version })
  }
  if (file !== undefined || !output.isTerminal) return logView(options)
  return terminalView({ ...options, paint: paintOf(context), size: () => output.size() })
}

async function logFileAt(path: string): Promise<LogFile> {
  const { boundErrors, logFile } = await import('../log-file.ts')
  boundErrors(process.stderr.fd)
  return logFile(resolve(path))
}

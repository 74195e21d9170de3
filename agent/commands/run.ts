/** `agent run`: the sensor in the foreground, with a view of what it finds, until it is stopped. */
import { isAbsolute, resolve } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { type ClosableView, logView, terminalView } from '../report/live-view.ts'
import {
  type CommandContext,
  configOf,
  type DataOptions,
  examples,
  paintOf,
  withDataOptions,
} from './context.ts'

interface RunOptions extends DataOptions {
  readonly json?: boolean
}

export function runCommand(context: CommandContext): Command {
  return withDataOptions(new Command('run'), context)
    .description('watch this host in the foreground, and show what recurs')
    .option('--json', "the agent's own log in ECS: one JSON object a line for each change")
    .addHelpText(
      'after',
      examples(
        'agent run                          as root sees most; without root it says what is missing',
        'agent run --data-dir ./data        keep the database here',
        'agent run --json                   its log in ECS, for a log shipper',
      ),
    )
    .action((options: RunOptions) => run(context, options))
}

async function run(context: CommandContext, options: RunOptions): Promise<void> {
  const loaded = await configOf(context, options)
  const { config, file } = loaded
  const chosen = options.dataDir ?? config.dataDir ?? context.paths.dataDir
  const dataDir = isAbsolute(chosen) ? chosen : resolve(chosen)
  const view = await viewOf(context, options.json === true, config.log.level)
  try {
    view.message(`tidewatch ${context.version}, data in ${dataDir}`)
    view.message(file === undefined ? 'configuration: all defaults' : `configuration: ${file}`)
    const { clock, version } = context
    const signal = context.stopSignal()
    await context.runSensor({ version, config, loaded, dataDir, clock, signal, view })
  } finally {
    view.close()
  }
}

async function viewOf(
  context: CommandContext,
  isJson: boolean,
  level: Config['log']['level'],
): Promise<ClosableView> {
  const { clock, output } = context
  const options = { now: clock.now, write: (text: string) => output.write(text) }
  if (isJson) {
    const { ecsLogView } = await import('../report/ecs-log-view.ts')
    return ecsLogView({ ...options, level, version: context.version })
  }
  if (!output.isTerminal) return logView(options)
  return terminalView({ ...options, paint: paintOf(context), size: () => output.size() })
}

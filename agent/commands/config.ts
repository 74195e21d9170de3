/** `agent config`: what the settings are and where each comes from, whether a file is good, the schema. */
import { Command } from 'commander'
import { AgentError } from '../../platform/errors.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { EffectiveSetting } from '../config/parse.ts'
import type { Standing } from '../fleet/standing.ts'
import { type Column, table } from '../report/table.ts'
import {
  type CommandContext,
  configOf,
  type DataOptions,
  dataDirOf,
  examples,
  loadConfig,
  paintOf,
  printJson,
  printLines,
  widthOf,
} from './context.ts'

interface ShowOptions extends DataOptions {
  readonly json?: boolean
}

export function configCommand(context: CommandContext): Command {
  const command = new Command('config')
    .description('show, check or describe the configuration')
    .addHelpText(
      'after',
      examples(
        'agent config show',
        'agent config check /etc/tidewatch/agent.yml',
        'agent config schema > agent.schema.json   for an editor',
      ),
    )
  command
    .command('show')
    .description('every setting, its value, and who gave it: default, file or fleet')
    .option('--config <file>', `configuration file (default: ${context.paths.configFile})`)
    .option(
      '--data-dir <folder>',
      `where the fleet's part is kept (default: ${context.paths.dataDir})`,
    )
    .option('--json', 'for programs')
    .addHelpText('after', examples('agent config show', 'agent config show --config agent.yml'))
    .action((options: ShowOptions) => show(context, options))
  command
    .command('check')
    .description('whether a file is a good configuration: exit code 0, or each problem and 78')
    .argument('<file>', 'the file to check')
    .addHelpText('after', examples('agent config check agent.yml && echo good'))
    .action((file: string) => check(context, file))
  command
    .command('schema')
    .description('the JSON Schema of the file')
    .addHelpText('after', examples('agent config schema > agent.schema.json'))
    .action(async () => {
      const { jsonSchema } = await import('../config/reference.ts')
      printJson(context, jsonSchema())
    })
  return command
}

async function show(context: CommandContext, options: ShowOptions): Promise<void> {
  const loaded = await configOf(context, options)
  const { file } = loaded
  const { effective, fleet, problem } = await inForce(context, options, loaded)
  if (options.json) {
    const { version, digest, source } = fleet ?? {}
    printJson(context, {
      ...(file !== undefined && { file }),
      ...(fleet !== undefined && { fleet: { version, digest, source } }),
      ...(problem !== undefined && { problem }),
      settings: effective,
    })
    return
  }
  const columns: readonly Column<EffectiveSetting>[] = [
    { title: 'SETTING', cell: ({ path }) => path },
    { title: 'VALUE', cell: ({ value }) => valueText(value), shrink: { to: 20, cut: 'end' } },
    {
      title: 'FROM',
      cell: ({ from }) => from,
      style: ({ from }) => (from.startsWith('default') ? 'dim' : 'green'),
    },
  ]
  const options_ = { width: widthOf(context), paint: paintOf(context) }
  printLines(context, [
    `file: ${file ?? `none (${context.paths.configFile} is not there)`}`,
    ...(loaded.config.fleet.url === undefined ? [] : [`fleet: ${fleetText(fleet, problem)}`]),
    '',
    ...table(effective, columns, options_),
  ])
}

/** The file, and over it what the running agent keeps of its fleet. */
async function inForce(
  context: CommandContext,
  options: ShowOptions,
  loaded: LoadedConfig,
): Promise<Standing> {
  if (loaded.config.fleet.url === undefined) return loaded
  const { standing } = await import('../fleet/standing.ts')
  const { stateFile } = await import('../fleet/state.ts')
  const dataDir = await dataDirOf(context, options)
  try {
    return standing(loaded, stateFile(dataDir).load())
  } catch (error) {
    // Not everyone may read it, and the file's part is worth showing by itself.
    if (!(error instanceof AgentError)) throw error
    return { ...loaded, problem: `${error.message}; ${error.remedy ?? ''}` }
  }
}

function fleetText(fleet: Standing['fleet'], problem: string | undefined): string {
  if (problem !== undefined) return `not in force: ${problem}`
  if (fleet === undefined) return 'has given nothing yet'
  const { version, digest, source } = fleet
  return `${version === undefined ? digest.slice(0, 12) : `version ${version}`} of ${source}`
}

async function check(context: CommandContext, file: string): Promise<void> {
  await loadConfig({ path: file, isNamed: true })
  printLines(context, [`${file}: good`])
}

const valueText = (value: unknown): string =>
  value === undefined ? '(not set)' : typeof value === 'string' ? value : JSON.stringify(value)

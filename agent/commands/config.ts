/** `agent config`: what the settings are and where each comes from, whether a file is good, the schema. */
import { Command } from 'commander'
import { loadConfig } from '../config/load.ts'
import type { EffectiveSetting } from '../config/parse.ts'
import { jsonSchema } from '../config/reference.ts'
import { type Column, table } from '../report/table.ts'
import {
  type CommandContext,
  configOf,
  type DataOptions,
  examples,
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
    .description('every setting, its value, and whether the file gave it')
    .option('--config <file>', `configuration file (default: ${context.paths.configFile})`)
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
    .action(() => printJson(context, jsonSchema()))
  return command
}

async function show(context: CommandContext, options: ShowOptions): Promise<void> {
  const { effective, file } = await configOf(context, options)
  if (options.json) {
    printJson(context, { ...(file === undefined ? {} : { file }), settings: effective })
    return
  }
  const columns: readonly Column<EffectiveSetting>[] = [
    { title: 'SETTING', cell: ({ path }) => path },
    { title: 'VALUE', cell: ({ value }) => valueText(value), shrink: { to: 20, cut: 'end' } },
    {
      title: 'FROM',
      cell: ({ from }) => from,
      style: ({ from }) => (from === 'default' ? 'dim' : 'green'),
    },
  ]
  const options_ = { width: widthOf(context), paint: paintOf(context) }
  printLines(context, [
    `file: ${file ?? `none (${context.paths.configFile} is not there)`}`,
    '',
    ...table(effective, columns, options_),
  ])
}

async function check(context: CommandContext, file: string): Promise<void> {
  await loadConfig({ path: file, isNamed: true })
  printLines(context, [`${file}: good`])
}

const valueText = (value: unknown): string =>
  value === undefined ? '(not set)' : typeof value === 'string' ? value : JSON.stringify(value)

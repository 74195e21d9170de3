/** `agent alerts`: the newest alerts, of the running agent or of its database. */
import { Command, InvalidArgumentError } from 'commander'
import type { StoredAlert } from '../../storage/alert.ts'
import { askAgent } from '../control/client.ts'
import { MAX_LIMIT } from '../control/protocol.ts'
import { controlPath } from '../paths.ts'
import { alertsView, readAlert } from '../report/alerts-view.ts'
import {
  type CommandContext,
  type DataOptions,
  dataDirOf,
  examples,
  paintOf,
  printJson,
  printLines,
  widthOf,
  withDataOptions,
} from './context.ts'

interface AlertsOptions extends DataOptions {
  readonly json?: boolean
  readonly limit: number
}

export function alertsCommand(context: CommandContext): Command {
  return withDataOptions(new Command('alerts'), context)
    .description('the alerts of this host, newest first')
    .option('--json', 'with their whole ECS documents')
    .option('--limit <count>', `at most so many, up to ${MAX_LIMIT}`, parseLimit, 20)
    .addHelpText(
      'after',
      examples('agent alerts', 'agent alerts --limit 5', "agent alerts --json | jq '.[].document'"),
    )
    .action((options: AlertsOptions) => alerts(context, options))
}

async function alerts(context: CommandContext, options: AlertsOptions): Promise<void> {
  const dataDir = await dataDirOf(context, options)
  const { limit } = options
  const told = await askAgent(controlPath(dataDir), { request: 'alerts', limit })
  const found = told ?? alertsOfDatabase(context, dataDir, limit)
  if (options.json) printJson(context, found.map(readAlert))
  else {
    const view = { nowMs: context.clock.now(), width: widthOf(context), paint: paintOf(context) }
    printLines(context, alertsView(found, view))
  }
}

function alertsOfDatabase(
  context: CommandContext,
  dataDir: string,
  limit: number,
): readonly StoredAlert[] {
  const store = context.openStoreReadOnly(dataDir)
  try {
    return store.alerts(limit)
  } finally {
    store.close()
  }
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_LIMIT}.`)
}

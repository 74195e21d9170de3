/** `agent explain`: one recurring transfer, as a person would explain it. Reads the agent's database. */
import { Command } from 'commander'
import { AgentError } from '../../platform/errors.ts'
import type { StoreReader } from '../../storage/store.ts'
import { MAX_LIMIT } from '../control/protocol.ts'
import { explainView } from '../report/explain-view.ts'
import { type ToldFinding, toldOfStore } from '../report/told-finding.ts'
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
import { quotedDefinition } from './definition.ts'
import { ownZone, zone } from './option-values.ts'

interface ExplainCommandOptions extends DataOptions {
  readonly json?: boolean
  readonly timeZone?: string
}

/** Fewer characters would mean too many things. */
const MIN_PREFIX = 4
/** Ids named where a prefix means several. */
const MAX_NAMED = 5

export function explainCommand(context: CommandContext): Command {
  return withDataOptions(new Command('explain'), context)
    .description(
      'one recurring transfer: what recurs, how we know, what starts it, how to allow it',
    )
    .argument('<id>', 'id of an alert or a series, or how it begins')
    .option('--time-zone <name>', "IANA zone to tell times of day in (default: this host's)", zone)
    .option('--json', 'all that is known of it, for programs')
    .addHelpText(
      'after',
      examples(
        'agent status                 lists the ids of what recurs',
        'agent explain 5f2c9a7b',
        'agent explain 5f2c9a7b --json | jq .evidence',
      ),
    )
    .action((id: string, options: ExplainCommandOptions) => explain(context, id, options))
}

async function explain(
  context: CommandContext,
  id: string,
  options: ExplainCommandOptions,
): Promise<void> {
  const store = context.openStoreReadOnly(await dataDirOf(context, options))
  try {
    const told = findingOf(store, id)
    const definition = quotedDefinition(told.schedule)
    if (options.json) {
      printJson(context, { ...told, definition })
      return
    }
    const view = { nowMs: context.clock.now(), width: widthOf(context), paint: paintOf(context) }
    const { timeZone = ownZone() } = options
    printLines(context, explainView(told, { ...view, timeZone, definition }))
  } finally {
    store.close()
  }
}

/** @throws {AgentError} `ERR_NO_SUCH_FINDING`, with what to do */
function findingOf(store: StoreReader, id: string): ToldFinding {
  const keys = seriesNamed(store, id.trim().toLowerCase())
  const [key, ...others] = keys
  if (key === undefined) {
    throw new AgentError('ERR_NO_SUCH_FINDING', `${id}: no alert or series has this id`, {
      remedy: '`agent status` and `agent alerts` list those that there are',
    })
  }
  if (others.length > 0) {
    throw new AgentError('ERR_NO_SUCH_FINDING', `${id}: ${keys.length} series begin with this`, {
      remedy: `give more of it: ${keys.slice(0, MAX_NAMED).join(', ')}`,
    })
  }
  const finding = store.finding(key)
  if (finding === undefined) {
    throw new AgentError('ERR_NO_SUCH_FINDING', `${id}: this series is not judged yet`, {
      remedy: 'wait for a few more transfers',
    })
  }
  return toldOfStore(finding, store.series(key))
}

function seriesNamed(store: StoreReader, id: string): readonly string[] {
  const isNamed = (one: string): boolean =>
    one.toLowerCase() === id || (id.length >= MIN_PREFIX && one.toLowerCase().startsWith(id))
  const alerts = store.alerts(MAX_LIMIT).filter((alert) => isNamed(alert.id))
  const found = new Set(alerts.map(({ seriesKey }) => seriesKey))
  // Judged ones first: of a hundred thousand series few recur.
  for (const { seriesKey } of store.findings(MAX_LIMIT))
    if (isNamed(seriesKey)) found.add(seriesKey)
  if (found.size > 0) return [...found]
  return store.seriesKeys().filter(isNamed)
}

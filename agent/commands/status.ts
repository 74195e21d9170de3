/** `agent status`: asks the running agent; where none runs, reads what it left in its database. */
import { Command } from 'commander'
import { codeOf } from '../../platform/errors.ts'
import { askAgent } from '../control/client.ts'
import { EXIT_CODES, healthOf } from '../control/health.ts'
import type { AgentStatus } from '../control/status.ts'
import { storedStatus } from '../control/stored-status.ts'
import { controlPath } from '../paths.ts'
import { statusView } from '../report/status-view.ts'
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

interface StatusOptions extends DataOptions {
  readonly json?: boolean
}

export function statusCommand(context: CommandContext): Command {
  return withDataOptions(new Command('status'), context)
    .description('how the agent is, what it sees, and what it found')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      [
        '\nExit codes: 0 healthy, 1 degraded, 2 down.',
        examples(
          'agent status',
          'sudo agent status                        the agent that runs as a service',
          'agent status --json | jq .store.alerts   figures for a program',
        ),
      ].join('\n'),
    )
    .action((options: StatusOptions) => status(context, options))
}

async function status(context: CommandContext, options: StatusOptions): Promise<void> {
  const dataDir = await dataDirOf(context, options)
  const told = await askAgent(controlPath(dataDir), { request: 'status' })
  const found = told ?? statusOfDatabase(context, dataDir)
  if (found === undefined) {
    if (options.json) printJson(context, { health: 'down', isRunning: false, dataDir })
    else
      printLines(context, [`down: no agent runs in ${dataDir}, nor has one; start it: agent run`])
    context.setExitCode(EXIT_CODES.down)
    return
  }
  const { health, reasons } = healthOf(found)
  if (options.json) printJson(context, { health, reasons, ...found })
  else {
    const view = { nowMs: context.clock.now(), width: widthOf(context), paint: paintOf(context) }
    printLines(context, statusView(found, view))
  }
  context.setExitCode(EXIT_CODES[health])
}

/** `undefined` where no agent has ever run on this folder. */
function statusOfDatabase(context: CommandContext, dataDir: string): AgentStatus | undefined {
  try {
    const store = context.openStoreReadOnly(dataDir)
    try {
      const { version, host } = context
      return storedStatus(store, { version, host, dataDir })
    } finally {
      store.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ERR_STORE_MISSING') return undefined
    throw error
  }
}

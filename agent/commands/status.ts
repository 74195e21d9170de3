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
  readonly watch?: boolean
}

export function statusCommand(context: CommandContext): Command {
  return withDataOptions(new Command('status'), context)
    .description('how the agent is, what it sees, and what it found')
    .option('--json', 'for programs')
    .option('--watch', 'look again every 2 seconds, until Ctrl+C')
    .addHelpText(
      'after',
      [
        '\nExit codes: 0 healthy, 1 degraded, 2 down.',
        examples(
          'agent status',
          'sudo agent status                        the agent that runs as a service',
          'agent status --watch                     as it goes on',
          'agent status --json | jq .store.alerts   figures for a program',
        ),
      ].join('\n'),
    )
    .action((options: StatusOptions) =>
      options.watch ? watch(context, options) : status(context, options),
    )
}

/** Each look is drawn over the one before; in a file or pipe they follow each other. */
async function watch(context: CommandContext, options: StatusOptions): Promise<void> {
  const signal = context.stopSignal()
  const { output, clock } = context
  for await (const _ of clock.ticks(WATCH_MS, signal)) {
    let drawn = ''
    const write = (text: string): void => {
      drawn += text
    }
    const drawing = {
      ...context,
      output: { ...output, write },
    }
    await status(drawing, options)
    output.write(
      output.isTerminal ? `${HOME}${fitted(drawn, output.size().rows)}${CLEAR_BELOW}` : drawn,
    )
  }
}

const WATCH_MS = 2_000
const HOME = '\x1b[H'
const CLEAR_RIGHT = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** As many lines as there are rows, the last left free, each wiped to its end. */
const fitted = (text: string, rows: number): string =>
  text
    .trimEnd()
    .split('\n')
    .slice(0, Math.max(1, rows - 1))
    .map((line) => `${line}${CLEAR_RIGHT}\n`)
    .join('')

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

/**
 * The command line: all commands, and how their errors are told. An error made on purpose is one
 * line that names the thing and the remedy; anything else is a bug, and keeps its stack.
 */
import { Command, CommanderError } from 'commander'
import { AgentError } from '../../platform/errors.ts'
import { clean } from '../report/text.ts'
import { alertsCommand } from './alerts.ts'
import { configCommand } from './config.ts'
import type { CommandContext } from './context.ts'
import { doctorCommand } from './doctor.ts'
import { EXIT_USAGE, exitCodeOf, failureLines } from './exit-code.ts'
import { explainCommand } from './explain.ts'
import { fleetCommand } from './fleet.ts'
import { completionCommand, manualCommand } from './manual.ts'
import { reportCommand } from './report.ts'
import { runCommand } from './run.ts'
import { serviceCommand } from './service.ts'
import { simulateCommand } from './simulate.ts'
import { statusCommand } from './status.ts'

/** @param more commands that are made elsewhere */
export function program(context: CommandContext, more: readonly Command[] = []): Command {
  const root = new Command('agent')
    .description('Tidewatch: finds scheduled, recurring transfers of data out of this host')
    .version(context.version)
    .addHelpText(
      'after',
      '\nExit codes: 0 good, 64 wrong usage, 70 failed, 78 wrong configuration; status, doctor, simulate and hunt have their own.',
    )
  const commands = [
    runCommand(context),
    statusCommand(context),
    alertsCommand(context),
    explainCommand(context),
    reportCommand(context),
    configCommand(context),
    doctorCommand(context),
    simulateCommand(context),
    fleetCommand(context),
    serviceCommand(context),
    ...more,
    completionCommand(context),
    manualCommand(context),
  ]
  for (const command of commands) root.addCommand(command)
  return root
}

const withChildren = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withChildren),
]

/**
 * Parses the arguments and runs the command.
 * @param args without the program and the script
 * @param complain writes to the error output
 * @param print writes help and the version
 * @returns the exit code of a failure; `undefined` where the command ended by itself
 */
export async function runProgram(
  root: Command,
  args: readonly string[],
  complain: (text: string) => void,
  print: (text: string) => void,
): Promise<number | undefined> {
  for (const command of withChildren(root)) {
    command.exitOverride().configureOutput({ writeOut: print, writeErr: complain })
  }
  try {
    await root.parseAsync(args, { from: 'user' })
    return undefined
  } catch (error) {
    // Commander has said what is wrong; help and version end here too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    if (!(error instanceof AgentError)) throw error
    complain(`${failureLines(error).split('\n').map(clean).join('\n')}\n`)
    return exitCodeOf(error)
  }
}

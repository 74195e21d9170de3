/** `agent service`: registers the agent with the system's service manager, where no package did. */
import { Command } from 'commander'
import type { ServiceManager, ServiceState } from '../service/service-manager.ts'
import { type CommandContext, examples, printJson, printLines } from './context.ts'

/** As the Linux Standard Base has them for the status of a service. */
const EXIT_CODES: Readonly<Record<ServiceState, number>> = {
  running: 0,
  starting: 0,
  stopping: 3,
  stopped: 3,
  'not-installed': 4,
}

const WORDS: Readonly<Record<ServiceState, string>> = {
  running: 'runs',
  starting: 'starts',
  stopping: 'stops',
  stopped: 'is installed, and does not run',
  'not-installed': 'is not installed',
}

export function serviceCommand(context: CommandContext): Command {
  const command = new Command('service')
    .description('the agent as a service, on a machine without its package')
    .addHelpText(
      'after',
      examples(
        'sudo agent service install          start with the system from now on',
        'sudo agent service start',
        'agent service status                exit codes: 0 runs, 3 does not, 4 is not installed',
        'sudo agent service uninstall        configuration and database stay',
      ),
    )
  const act = (
    name: string,
    description: string,
    done: string,
    action: (manager: ServiceManager) => Promise<void>,
  ): void => {
    command
      .command(name)
      .description(description)
      .action(async () => {
        const manager = await context.service.manager()
        await action(manager)
        printLines(context, [`${manager.label}: ${done}`])
      })
  }
  act(
    'install',
    'register it, to start with the system',
    'is installed; start it by agent service start',
    (manager) => manager.install(context.service.program),
  )
  act('uninstall', 'stop it, and register it no more', 'is removed', (it) => it.uninstall())
  act('start', 'start it now', 'is started', (manager) => manager.start())
  act('stop', 'stop it until it is started, or the system is', 'is stopped', (it) => it.stop())
  command
    .command('status')
    .description('whether it is installed and runs; agent status tells how it is')
    .option('--json', 'for programs')
    .action(({ json }: { json?: boolean }) => status(context, json === true))
  return command
}

async function status(context: CommandContext, isJson: boolean): Promise<void> {
  const manager = await context.service.manager()
  const state = await manager.state()
  if (isJson) printJson(context, { service: manager.label, state })
  else printLines(context, [`${manager.label} ${WORDS[state]}`])
  context.setExitCode(EXIT_CODES[state])
}

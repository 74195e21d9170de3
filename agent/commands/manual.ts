/** `agent manual` and `agent completion`: what the packages install, made of the command definitions. */
import { Argument, Command } from 'commander'
import { defaultPaths } from '../paths.ts'
import { commandModel } from './command-model.ts'
import { type CommandContext, examples } from './context.ts'
import { manPage } from './man-page.ts'
import { SHELLS, type Shell, shellCompletion } from './shell-completion.ts'

/** Of the packaged agent, whoever makes the page. */
const SYSTEM = defaultPaths({ platform: 'linux', uid: 0, home: '/root', env: {} })
const FILES = [
  [SYSTEM.configFile, 'The configuration; agent config show lists every setting.'],
  [SYSTEM.dataDir, 'The database, and the socket that agent status asks.'],
] as const

export const manualCommand = ({ output, version, paths }: CommandContext): Command =>
  new Command('manual')
    .description('the man page of all commands, as roff')
    .addHelpText(
      'after',
      examples('agent manual | man -l -', 'agent manual > /usr/share/man/man1/agent.1'),
    )
    .action((_options, command: Command) => {
      const reword = (text: string): string =>
        text
          .replaceAll(paths.configFile, SYSTEM.configFile)
          .replaceAll(paths.dataDir, SYSTEM.dataDir)
      output.write(manPage(commandModel(rootOf(command), reword), { version, files: FILES }))
    })

export const completionCommand = ({ output }: CommandContext): Command =>
  new Command('completion')
    .description('completions for a shell')
    .addArgument(new Argument('<shell>', 'whose form they have').choices([...SHELLS]))
    .addHelpText(
      'after',
      examples(
        'source <(agent completion bash)                for this shell',
        'agent completion zsh > ~/.zfunc/_agent         a folder of $fpath',
        'agent completion fish > ~/.config/fish/completions/agent.fish',
      ),
    )
    .action((shell: Shell, _options, command: Command) => {
      output.write(shellCompletion(shell, commandModel(rootOf(command))))
    })

const rootOf = (command: Command): Command =>
  command.parent === null ? command : rootOf(command.parent)

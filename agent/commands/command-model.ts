/**
 * What the commands say of themselves, read from their definitions: the one source of the man page and
 * of the shell completions, so that neither can tell of an option that is not there. Pure.
 */
import type { EventEmitter } from 'node:events'
import type { Argument, Command, Option } from 'commander'

export interface CommandModel {
  /** From the program on: `['agent', 'config', 'show']`. */
  readonly words: readonly string[]
  /** `agent alerts [options]`. */
  readonly usage: string
  readonly description: string
  /** The description, or the shorter one that lists have. */
  readonly summary: string
  readonly options: readonly OptionModel[]
  readonly arguments: readonly ArgumentModel[]
  readonly children: readonly CommandModel[]
  /** What `--help` ends with, a block of lines under each heading: `Examples`, `Exit codes`. */
  readonly notes: readonly Note[]
}

export interface OptionModel {
  /** `-h, --help`, `--limit <count>`. */
  readonly flags: string
  readonly names: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

export interface ArgumentModel {
  readonly name: string
  readonly description: string
  readonly isFile: boolean
  readonly isMany: boolean
  readonly choices: readonly string[]
}

export interface Note {
  readonly heading: string
  readonly lines: readonly string[]
}

/** Values of these names are paths, which a shell completes by itself. */
const PATH = /\b(?:file|folder|path|dir|html)\b/i

/** @param reword is asked for each description, which may name what only this machine has */
export function commandModel(
  command: Command,
  reword: (text: string) => string = (text) => text,
  above: readonly string[] = [],
): CommandModel {
  const words = [...above, command.name()]
  const help = command.createHelp()
  const visible = help.visibleCommands(command).filter((child) => child.name() !== 'help')
  return {
    words,
    usage: `${words.join(' ')} ${command.usage()}`,
    description: command.description(),
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map((option) => optionModel(option, reword)),
    arguments: command.registeredArguments.map(argumentModel),
    children: visible.map((child) => commandModel(child, reword, words)),
    notes: notesOf(command),
  }
}

/** The command and all below it. */
export const withDescendants = (model: CommandModel): readonly CommandModel[] => [
  model,
  ...model.children.flatMap(withDescendants),
]

/** Whether a shell should offer files for this value. */
export const isPath = ({ flags }: OptionModel): boolean => PATH.test(flags)

const optionModel = (option: Option, reword: (text: string) => string): OptionModel => ({
  flags: option.flags,
  names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
  description: reword(option.description),
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
})

const argumentModel = (argument: Argument): ArgumentModel => ({
  name: argument.name(),
  description: argument.description,
  isFile: PATH.test(argument.name()),
  isMany: argument.variadic,
  choices: argument.argChoices ?? [],
})

/** Commander keeps this text behind an event only, and its types keep quiet of its being an emitter. */
function notesOf(command: Command): readonly Note[] {
  let text = ''
  const write = (more: string): void => {
    text += more
  }
  const emitter = command as unknown as EventEmitter
  emitter.emit('afterHelp', { error: false, command, write })
  const notes: { heading: string; lines: string[] }[] = []
  for (const line of text.split('\n')) {
    const [, heading, rest] = /^([A-Z][\w ]+):(?: (.*))?$/.exec(line) ?? []
    if (heading !== undefined) notes.push({ heading, lines: rest === undefined ? [] : [rest] })
    else if (line.trim() !== '') notes.at(-1)?.lines.push(line.replace(/^ {2}/, ''))
  }
  return notes
}

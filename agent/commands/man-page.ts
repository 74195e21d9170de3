/**
 * The man page, of the command definitions: roff with the macros of man(7), one page for all commands.
 * Pure. https://man7.org/linux/man-pages/man7/groff_man.7.html
 */
import { type CommandModel, type Note, type OptionModel, withDescendants } from './command-model.ts'

export interface ManPageOptions {
  readonly version: string
  /** Files and their meaning, for the section FILES. */
  readonly files: readonly (readonly [path: string, meaning: string])[]
}

export function manPage(root: CommandModel, { version, files }: ManPageOptions): string {
  const [name = ''] = root.words
  const commands = withDescendants(root).filter((one) => one !== root)
  return [
    `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`Tidewatch ${version}`)} "Tidewatch"`,
    ...section('NAME', [`${text(name)} \\- ${text(root.description)}`]),
    ...section('SYNOPSIS', [`.B ${text(name)}`, '.I command', '[options]']),
    ...section('DESCRIPTION', [
      'Tidewatch watches a host for scheduled, recurring transfers of data out of it (MITRE ATT&CK',
      'T1029), and finds them in recordings: which script sends how much where, as which user,',
      'started by which job, how often, and how it is known.',
    ]),
    ...section('OPTIONS', options(root.options)),
    ...section('COMMANDS', commands.flatMap(command)),
    ...notes(root.notes),
    ...section(
      'FILES',
      files.flatMap(([path, meaning]) => ['.TP', `.I ${text(path)}`, text(meaning)]),
    ),
    '',
  ].join('\n')
}

const section = (title: string, lines: readonly string[]): string[] => [`.SH ${title}`, ...lines]

/** Those of a group stand by themselves: a group alone does nothing. */
function command(model: CommandModel): readonly string[] {
  const hasHelpOnly = model.options.every(({ names }) => names.includes('--help'))
  return [
    `.SS ${quoted(model.usage)}`,
    `${text(model.description)}`,
    ...model.arguments.flatMap(({ name, description }) =>
      description === '' ? [] : ['.TP', `.I ${text(name)}`, text(description)],
    ),
    ...(hasHelpOnly ? [] : options(model.options.filter(({ names }) => !names.includes('--help')))),
    ...model.notes.flatMap(paragraph),
  ]
}

const options = (all: readonly OptionModel[]): string[] =>
  all.flatMap(({ flags, description, choices }) => {
    const among = choices.length === 0 ? '' : ` (${choices.join(', ')})`
    return ['.TP', `.B ${text(flags)}`, text(description + among)]
  })

const notes = (all: readonly Note[]): string[] =>
  all.flatMap(({ heading, lines }) => section(heading.toUpperCase(), verbatim(lines)))

const paragraph = ({ heading, lines }: Note): string[] => [
  '.PP',
  `${text(heading)}:`,
  ...verbatim(lines),
]

/** Lines as they are: examples lose their meaning when they are filled. */
const verbatim = (lines: readonly string[]): string[] => [
  '.PP',
  '.RS 4',
  '.nf',
  ...lines.map(text),
  '.fi',
  '.RE',
]

/** A text that roff takes for text: no escapes, hyphens that can be copied, no request at its start. */
function text(raw: string): string {
  const escaped = raw
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('\n', ' ')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped
}

const quoted = (raw: string): string => `"${text(raw).replaceAll('"', '\\(dq')}"`

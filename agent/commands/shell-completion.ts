/**
 * Completions for bash, zsh and fish, of the command definitions. Pure. They are plain tables: a TAB
 * that had to start the agent would take a quarter of a second.
 */
import { type CommandModel, isPath, type OptionModel, withDescendants } from './command-model.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export const shellCompletion = (shell: Shell, root: CommandModel): string => WRITERS[shell](root)

const WRITERS: Readonly<Record<Shell, (root: CommandModel) => string>> = { bash, zsh, fish }

/** All that may stand behind the words of a command: its children and choices, then its options. */
const wordsOf = ({ children, arguments: args }: CommandModel): readonly string[] => [
  ...children.map(nameOf),
  ...args.flatMap(({ choices }) => choices),
]
const nameOf = ({ words }: CommandModel): string => words.at(-1) ?? ''
const takesFiles = ({ arguments: args }: CommandModel): boolean => args.some(({ isFile }) => isFile)
const identifier = (root: CommandModel): string => nameOf(root).replace(/\W/g, '_')

/** An option's value as bash gathers candidates: files, folders, choices, or nothing to offer. */
const bashValue = (option: OptionModel): string => {
  if (option.choices.length > 0) return `compgen -W ${single(option.choices.join(' '))} -- "$word"`
  return isPath(option) ? 'compgen -f -- "$word"' : 'true'
}

function bash(root: CommandModel): string {
  const name = nameOf(root)
  const all = withDescendants(root)
  const paths = all.filter((one) => one !== root).map(({ words }) => words.slice(1).join(' '))
  const cases = all.map((model) => {
    const path = model.words.slice(1).join(' ')
    const values = model.options.filter(({ takesValue }) => takesValue)
    const names = model.options.flatMap((option) => option.names)
    return [
      `    ${path === '' ? "''" : single(path)})`,
      ...(values.length === 0
        ? []
        : [
            '      case "$before" in',
            ...values.map(
              (option) =>
                `        ${option.names.join('|')}) mapfile -t COMPREPLY < <(${bashValue(option)}); return ;;`,
            ),
            '      esac',
          ]),
      `      options=${single(names.join(' '))}`,
      `      words=${single(wordsOf(model).join(' '))}`,
      `      files=${takesFiles(model) ? 'yes' : ''}`,
      '      ;;',
    ].join('\n')
  })
  return `# bash completion of ${name}; made of its command definitions: ${name} completion bash
_${identifier(root)}_completion() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local path='' options='' words='' files='' i longer
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="\${path:+$path }\${COMP_WORDS[i]}"
    case "$longer" in
      ${paths.map(single).join('|')}) path="$longer" ;;
    esac
  done
  COMPREPLY=()
  case "$path" in
${cases.join('\n')}
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [ -n "$files" ] && mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -o bashdefault -F _${identifier(root)}_completion ${name}
`
}

function zsh(root: CommandModel): string {
  const name = nameOf(root)
  const functions = withDescendants(root).map((model) => {
    const options = model.options.map((option) => `    ${zshOption(option)}`)
    const isGroup = model.children.length > 0
    const rest = isGroup
      ? [`    '1:command:${zshFunction(model)}_commands'`, "    '*::argument:->below'"]
      : model.arguments.map(({ name: argument, isFile, choices, isMany }) => {
          const action = choices.length > 0 ? `(${choices.join(' ')})` : isFile ? '_files' : ''
          return `    ${single(`${isMany ? '*' : ''}:${argument}:${action}`)}`
        })
    const body = [
      `${zshFunction(model)}() {`,
      ...(isGroup ? ['  local line state'] : []),
      `  _arguments ${isGroup ? '-C ' : ''}\\`,
      [...options, ...rest].join(' \\\n'),
      ...(isGroup
        ? [
            '  case "$line[1]" in',
            ...model.children.map((child) => `    ${nameOf(child)}) ${zshFunction(child)} ;;`),
            '  esac',
          ]
        : []),
      '}',
    ]
    const commands = isGroup
      ? [
          `${zshFunction(model)}_commands() {`,
          '  local -a commands=(',
          ...model.children.map(
            (child) => `    ${single(`${nameOf(child)}:${zshText(child.summary)}`)}`,
          ),
          '  )',
          "  _describe 'command' commands",
          '}',
        ]
      : []
    return [...commands, ...body].join('\n')
  })
  return `#compdef ${name}
# zsh completion of ${name}; made of its command definitions: ${name} completion zsh
${functions.join('\n')}
if [ "$funcstack[1]" = "${zshFunction(root)}" ]; then
  ${zshFunction(root)} "$@"
else
  compdef ${zshFunction(root)} ${name}
fi
`
}

const zshFunction = ({ words }: CommandModel): string => `_${words.join('_').replace(/\W/g, '_')}`

function zshOption(option: OptionModel): string {
  const { names, description, takesValue, choices } = option
  const action = choices.length > 0 ? `(${choices.join(' ')})` : isPath(option) ? '_files' : ''
  const value = takesValue ? `:value:${action}` : ''
  const told = `[${zshText(description)}]${value}`
  if (names.length === 1) return single(`${names[0]}${told}`)
  return `${single(`(${names.join(' ')})`)}{${names.join(',')}}${single(told)}`
}

/** Brackets and colons divide a specification. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&')

function fish(root: CommandModel): string {
  const name = nameOf(root)
  const lines = withDescendants(root).flatMap((model) => {
    const below = model.children.map(nameOf)
    const path = model.words.slice(1)
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
    const here =
      path.length === 0
        ? [`not __fish_seen_subcommand_from ${below.join(' ')}`]
        : below.length === 0
          ? seen
          : [...seen, `not __fish_seen_subcommand_from ${below.join(' ')}`]
    const condition = `-n ${single(here.join('; and '))}`
    return [
      ...model.children.map(
        (child) =>
          `complete -c ${name} ${condition} -f -a ${nameOf(child)} -d ${single(child.summary)}`,
      ),
      ...model.arguments.map(({ choices, isFile }) =>
        choices.length > 0
          ? `complete -c ${name} ${condition} -f -a ${single(choices.join(' '))}`
          : `complete -c ${name} ${condition} ${isFile ? '-F' : '-f'}`,
      ),
      ...model.options.map((option) => `complete -c ${name} ${condition} ${fishOption(option)}`),
    ]
  })
  return `# fish completion of ${name}; made of its command definitions: ${name} completion fish
complete -c ${name} -f
${lines.join('\n')}
`
}

function fishOption(option: OptionModel): string {
  const { names, description, takesValue, choices } = option
  const flags = names.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  )
  const value = !takesValue
    ? []
    : choices.length > 0
      ? [`-x -a ${single(choices.join(' '))}`]
      : [isPath(option) ? '-r -F' : '-x']
  return [...flags, ...value, `-d ${single(description)}`].join(' ')
}

/** In single quotes: nothing in it is the shell's. fish knows a backslash there, and no text has one. */
const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

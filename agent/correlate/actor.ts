/**
 * Names the actor of a process: the script or program that a person would name. For
 * `/bin/sh /opt/backup.sh` that is `/opt/backup.sh`, for `env X=1 nice python3 -u x.py` it is `x.py`
 * in the folder where it ran. Pure; knows command lines, not processes (`run.ts` knows those). Windows'
 * own interpreters are in `windows-actor.ts`.
 *
 * It can't see what an interpreter reads from standard input, nor what `-c` programs run inside.
 */
import type { Process } from '../../platform/event.ts'
import {
  behindCmd,
  commandWords,
  inFolder,
  isTypedInto,
  windowsProgram,
  windowsScript,
} from './windows-actor.ts'

const SHELLS = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'mksh',
  'fish',
  'busybox',
  'rbash',
])

/** Options of a shell that take the next word. */
const SHELL_OPTIONS: readonly string[] = ['-o', '+o', '-O', '+O', '--rcfile', '--init-file']

/** Options of an interpreter that take the next word, so that it is not the script. */
const INTERPRETER_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  python: ['-W', '-X', '--check-hash-based-pycs'],
  perl: ['-I'],
  ruby: ['-I', '-r', '-C', '-E'],
  node: ['-r', '--require', '--import', '--loader', '-C', '--conditions'],
  php: ['-c', '-d', '-z'],
  lua: ['-l'],
  Rscript: [],
  osascript: ['-l'],
  tclsh: ['-encoding'],
  java: ['-cp', '-classpath', '--class-path'],
  awk: [],
}
/** With one of these the program is in the arguments: there is no script. */
const INLINE_PROGRAM: Readonly<Record<string, readonly string[]>> = {
  python: ['-c'],
  perl: ['-e', '-E'],
  ruby: ['-e'],
  node: ['-e', '-p', '--eval', '--print'],
  php: ['-r', '-R', '-B', '-E'],
  lua: ['-e'],
  Rscript: ['-e'],
  osascript: ['-e'],
}

/**
 * Programs that only start another one, with their options that take a word. `operands` are words of
 * their own before the command: `timeout 5 curl` has one.
 */
const WRAPPERS: Readonly<
  Record<string, { readonly options: readonly string[]; readonly operands: number }>
> = {
  env: { options: ['-u', '--unset', '-C', '--chdir', '-S'], operands: 0 },
  sudo: {
    options: ['-u', '-g', '-h', '-p', '-C', '-r', '-t', '-T', '-U', '-D', '-R'],
    operands: 0,
  },
  doas: { options: ['-u', '-C'], operands: 0 },
  nice: { options: ['-n', '--adjustment'], operands: 0 },
  ionice: { options: ['-c', '-n', '-p'], operands: 0 },
  chrt: { options: ['-T', '-P', '-D'], operands: 1 },
  taskset: { options: [], operands: 1 },
  nohup: { options: [], operands: 0 },
  setsid: { options: [], operands: 0 },
  stdbuf: { options: ['-i', '-o', '-e'], operands: 0 },
  time: { options: ['-f', '-o'], operands: 0 },
  timeout: { options: ['-k', '-s', '--kill-after', '--signal'], operands: 1 },
  flock: { options: ['-w', '-E', '--wait', '--timeout', '--conflict-exit-code'], operands: 1 },
  chronic: { options: [], operands: 0 },
  'systemd-cat': { options: ['-t', '-p'], operands: 0 },
}

/** The last part of a path, without a version: `python3.11` is `python`. */
export function programName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const bare = /^(python|perl|ruby|php|lua|node|tclsh)[\d.]+$/.exec(name)
  return bare?.[1] ?? name
}

export const isShell = (program: string): boolean => SHELLS.has(program)

/** The words that a process really runs, behind `env`, `sudo`, `timeout` and their like. */
export function unwrapped(args: readonly string[]): readonly string[] {
  let rest = args
  // A wrapper may wrap a wrapper; eight deep is a trick, not a job.
  for (let depth = 0; depth < 8; depth++) {
    const wrapper = WRAPPERS[programName(rest[0] ?? '')]
    if (wrapper === undefined) return rest
    const next = commandAt(rest, wrapper)
    if (next >= rest.length) return rest
    rest = rest.slice(next)
  }
  return rest
}

function commandAt(
  args: readonly string[],
  { options, operands }: { readonly options: readonly string[]; readonly operands: number },
): number {
  let left = operands
  let i = 1
  for (; i < args.length; i++) {
    const word = args[i] as string
    if (word === '--') return i + 1 + left
    if (options.includes(word)) i++
    else if (word.startsWith('-') || /^\w+=/.test(word)) continue
    else if (left-- === 0) return i
  }
  return i
}

/**
 * The script that a process interprets: absolute where its folder is known.
 * @returns undefined where it runs no script: a program, an interactive shell, an inline program
 */
export function scriptOf(process: Process): string | undefined {
  const known = knownScripts.get(process)
  if (known !== undefined) return known.script
  const script = findScript(process)
  knownScripts.set(process, { script })
  return script
}

/** Asked for each connection of a process. */
const knownScripts = new WeakMap<Process, { readonly script: string | undefined }>()

function findScript(process: Process): string | undefined {
  const { args, commandLine, workingDirectory } = process
  if (args === undefined && commandLine !== undefined) {
    return windowsScriptOf(commandLine, workingDirectory)
  }
  return unixScriptOf(process)
}

function windowsScriptOf(commandLine: string, folder: string | undefined): string | undefined {
  const words = commandWords(behindCmd(commandLine))
  const own = windowsScript(words)
  if (own !== undefined) return inFolder(folder, own)
  // An interpreter that is the same on every system: python, node, java.
  const [program = '', ...rest] = words
  const name = windowsProgram(program)
  const interpreter = name === 'py' || name === 'pythonw' ? 'python' : name
  const script = unixScriptOf({ pid: 0, args: [interpreter, ...rest] })
  // A module of Python has a name, and no path that the command line tells.
  return script === undefined || rest.includes('-m') ? script : inFolder(folder, script)
}

function unixScriptOf(process: Process): string | undefined {
  const args = unwrapped(process.args ?? [])
  if (programName(args[0] ?? '') === 'python' && args.includes('-m')) {
    // A module has a name, and no path that the command line tells.
    return args[args.indexOf('-m') + 1]
  }
  const word = scriptWord(args)
  if (word === undefined) return undefined
  if (word.startsWith('/') || process.workingDirectory === undefined) return word
  return joined(process.workingDirectory, word)
}

function scriptWord(args: readonly string[]): string | undefined {
  const program = programName(args[0] ?? '').replace(/^-/, '')
  if (program === 'busybox') return scriptWord(args.slice(1))
  const isOneOfShells = isShell(program)
  const options = isOneOfShells ? SHELL_OPTIONS : INTERPRETER_OPTIONS[program]
  if (options === undefined) return undefined
  const inline = INLINE_PROGRAM[program] ?? []
  for (let i = 1; i < args.length; i++) {
    const word = args[i] as string
    if (inline.includes(word)) return undefined
    // A shell's options cluster: `-ec` has the c that makes the next word its program; `-s` reads it.
    if (isOneOfShells && /^-[a-zA-Z]*[cs]/.test(word)) return undefined
    if (program === 'java' && word === '-jar') return args[i + 1]
    if (options.includes(word)) i++
    else if (word === '-') return undefined
    else if (!word.startsWith('-') && !word.startsWith('+')) return word
  }
  return undefined
}

/**
 * The program text of `sh -c TEXT`: what cron hands its shell, word for word.
 * @returns undefined for anything else
 */
export function shellCommandOf(process: Process): string | undefined {
  const args = unwrapped(process.args ?? [])
  if (!isShell(programName(args[0] ?? ''))) return undefined
  for (let i = 1; i < args.length; i++) {
    const word = args[i] as string
    if (/^-[a-zA-Z]*c$/.test(word)) return args[i + 1]
    if (SHELL_OPTIONS.includes(word)) i++
    else if (!/^[-+]/.test(word)) return undefined
  }
  return undefined
}

/** A shell that a person types into: it has neither a script nor a program text. */
export function isInteractiveShell(process: Process): boolean {
  if (process.args === undefined && process.commandLine !== undefined) {
    return isTypedInto(commandWords(process.commandLine))
  }
  const program = programName(process.args?.[0] ?? process.executable ?? '').replace(/^-/, '')
  return (
    isShell(program) && scriptOf(process) === undefined && shellCommandOf(process) === undefined
  )
}

function joined(folder: string, relative: string): string {
  const parts: string[] = []
  for (const part of `${folder}/${relative}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

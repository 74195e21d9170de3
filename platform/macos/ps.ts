/**
 * Reads `ps -axww -o pid=,ppid=,uid=,etime=,comm=` and the same with `command=`: what runs already when
 * the agent starts. Pure.
 *
 * `comm` is the path of the program on macOS, with its blanks; `command` is the arguments joined by
 * blanks, so that a blank inside an argument can't be told from one between two: they are cut there.
 */
import type { EpochMs, Process } from '../event.ts'

export const PS_COLUMNS = 'pid=,ppid=,uid=,etime='

/** Of a line without white space at its end: to look for that here would cost its square. */
const ROW = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\S+)\s+(\S.*)$/
/** `[[days-]hours:]minutes:seconds`. */
const ELAPSED = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)$/

/**
 * @param comms with `comm=` as the last column
 * @param commands with `command=` as the last column; a process may be in one of the two only
 * @param nowMs when they were asked: ps tells how long each has run, in seconds
 */
export function parsePs(comms: string, commands: string, nowMs: EpochMs): readonly Process[] {
  const commandOf = new Map<number, string>()
  for (const line of commands.split('\n')) {
    const [, pid, , , , command] = ROW.exec(line.trimEnd()) ?? []
    if (command !== undefined) commandOf.set(Number(pid), command)
  }
  return comms.split('\n').flatMap((line) => {
    const [, pid, ppid, uid = '', elapsed = '', executable = ''] = ROW.exec(line.trimEnd()) ?? []
    if (pid === undefined) return []
    const elapsedMs = elapsedOf(elapsed)
    const command = commandOf.get(Number(pid))
    return {
      pid: Number(pid),
      parentPid: Number(ppid),
      ...(elapsedMs !== undefined && { startMs: nowMs - elapsedMs }),
      // The kernel and what is gone by now have a name and no path.
      ...(executable.startsWith('/') ? { executable } : { name: executable }),
      ...(command !== undefined && { args: argsOf(command, executable) }),
      user: { id: uid },
    }
  })
}

function argsOf(command: string, executable: string): readonly string[] {
  if (command === executable) return [command]
  const isOwnName = command.startsWith(`${executable} `)
  const rest = isOwnName ? command.slice(executable.length + 1) : command
  const words = rest.split(' ').filter((word) => word !== '')
  return isOwnName ? [executable, ...words] : words
}

function elapsedOf(text: string): number | undefined {
  const match = ELAPSED.exec(text)
  if (match === null) return undefined
  const [days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0))
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000
}

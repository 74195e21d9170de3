/**
 * Reads what `/proc/<pid>/` and `/proc` tell of processes. Pure: text in, values out.
 *
 * `comm` stands in parentheses in `stat` and may itself hold spaces, parentheses and line feeds, so
 * the fields are counted from the last closing one.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
import type { EpochMs } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

export interface ProcStat {
  readonly pid: number
  /** The kernel's short name, at most 15 bytes. */
  readonly name: string
  readonly parentPid: number
  /** Ticks between boot and start. */
  readonly startTicks: number
  readonly isKernelThread: boolean
}

/** Bit of `flags` (`include/linux/sched.h`). */
const PF_KTHREAD = 0x00200000
/** USER_HZ is 100 on every architecture that Linux has left. */
const TICK_MS = 10

/** Where the fields stand behind the last parenthesis, `state` being 0. */
const FIELD = { parentPid: 1, flags: 6, startTicks: 19 } as const

/** Reads `/proc/<pid>/stat`. */
export function parseProcStat(text: string): Parsed<ProcStat> {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return malformed('/proc/pid/stat: no name in parentheses')
  const fields = text.slice(close + 2).split(' ')
  const pid = Number(text.slice(0, open))
  const parentPid = Number(fields[FIELD.parentPid])
  const flags = Number(fields[FIELD.flags])
  const startTicks = Number(fields[FIELD.startTicks])
  const isWhole = Number.isSafeInteger(pid) && pid > 0 && Number.isSafeInteger(parentPid)
  if (!isWhole || !Number.isSafeInteger(startTicks) || !Number.isSafeInteger(flags)) {
    return malformed('/proc/pid/stat: a field is missing or no number')
  }
  const isKernelThread = (flags & PF_KTHREAD) !== 0
  return parsed({ pid, name: text.slice(open + 1, close), parentPid, startTicks, isKernelThread })
}

/** @returns the effective uid in `/proc/<pid>/status`, as text */
export const effectiveUid = (status: string): string | undefined =>
  /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]

/** The login uid of a process that no login started: -1 in 32 bits. */
const UNSET_UID = '4294967295'

/** @returns the uid in `/proc/<pid>/loginuid`; `undefined` where nobody logged in */
export function loginUid(text: string): string | undefined {
  const uid = text.trim()
  return /^\d+$/.test(uid) && uid !== UNSET_UID ? uid : undefined
}

/**
 * Reads `/proc/<pid>/cmdline`. A program that writes its own title there (`nginx: worker process`)
 * may leave one string with blanks, which stays one argument.
 * @returns `undefined` where it is empty: a kernel thread, or a process that is just going
 */
export function parseCmdline(text: string): readonly string[] | undefined {
  const bare = text.replace(/\0+$/, '')
  return bare === '' ? undefined : bare.split('\0')
}

/** What `/proc/<pid>/exe` points at; a program replaced on disk since keeps its path. */
export const executableOf = (link: string): string => link.replace(/ \(deleted\)$/, '')

/**
 * The systemd unit in `/proc/<pid>/cgroup`: the innermost path segment that is a unit's name, from
 * the unified hierarchy or from version 1's `name=systemd`.
 */
export function serviceUnitOf(cgroup: string): string | undefined {
  const paths = cgroup.split('\n').flatMap((line) => {
    const [, hierarchy, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return hierarchy === '' || hierarchy === 'name=systemd' ? [path ?? ''] : []
  })
  const units = paths.map((path) => path.split('/').findLast((segment) => UNIT.test(segment)))
  return units.find((unit) => unit !== undefined)
}

/** Slices hold other units and no processes of their own. */
const UNIT = /^[^/]+\.(?:service|scope|socket|mount|swap)$/

/** @returns when the host booted by `/proc/stat`, whole seconds; `undefined` where it does not say */
export function bootTimeMs(procStat: string): EpochMs | undefined {
  const seconds = /^btime (\d+)$/m.exec(procStat)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** When a process started; up to 1 s early, since the boot time is cut to whole seconds. */
export const processStartMs = (bootMs: EpochMs, startTicks: number): EpochMs =>
  bootMs + startTicks * TICK_MS

/** @returns the pid given out last, from `/proc/loadavg` */
export function lastPidOf(loadavg: string): number | undefined {
  const pid = /^\S+ \S+ \S+ \d+\/\d+ (\d+)\s*$/.exec(loadavg)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/**
 * Whether `pid` may have been given out between two looks. Pids are given out in rising order and
 * wrap around, so a pid outside the stretch that was passed still is the process that it was.
 */
export function mayBeReused(pid: number, lastPid: number, lastPidBefore: number): boolean {
  return lastPid >= lastPidBefore
    ? pid > lastPidBefore && pid <= lastPid
    : pid > lastPidBefore || pid <= lastPid
}

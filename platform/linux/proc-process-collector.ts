/**
 * The process table: every process found running at start, then new and gone ones by polling.
 *
 * It roots the lineage of what started before the agent, and is the fallback where auditd is absent.
 * It cannot see a process that comes and goes between two polls, nor one that becomes another
 * program by `exec` under the same pid.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import type { Clock, Collector } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { codeOf, SourceError } from '../errors.ts'
import type { EpochMs, Event, Process } from '../event.ts'
import { type UserNames, userNames } from './passwd-collector.ts'
import { readKernelFile, tryReadKernelFile } from './proc-file-collector.ts'
import {
  bootTimeMs,
  effectiveUid,
  executableOf,
  lastPidOf,
  loginUid,
  mayBeReused,
  type ProcStat,
  parseCmdline,
  parseProcStat,
  processStartMs,
  serviceUnitOf,
} from './proc-stat.ts'

const dataset = 'linux.proc'

/** A poll lists /proc and reads the new processes only: 5 s sees most jobs, at 0.1 % of a core. */
const POLL_MS = 5_000

export interface ProcProcessOptions {
  readonly clock: Clock
  /** Time between looks, ms. */
  readonly pollMs?: number
  /** Where procfs is mounted; tests point it at a fixture tree. */
  readonly procDir?: string
  readonly passwdFile?: string
}

export interface ProcessReader {
  /** @returns `undefined` where there is no such process, or no longer, or it is a kernel thread */
  read(pid: number): Process | undefined
  /** When it started, by its pid alone: tells a reused pid at the cost of one file. */
  startMs(pid: number): EpochMs | undefined
  refresh(): void
  /** Whether some process kept its program or folder from us for want of rights. */
  readonly isRefused: boolean
}

/** Reads processes by their pid; the boot time and the user names are read once and kept. */
export function processReader(
  options: { readonly procDir?: string; readonly passwdFile?: string } = {},
): ProcessReader {
  const { procDir = '/proc', passwdFile } = options
  const users = userNames(passwdFile)
  const bootMs = bootTimeMs(tryReadKernelFile(`${procDir}/stat`) ?? '')
  const statOf = (pid: number): ProcStat | undefined => {
    const stat = parseProcStat(tryReadKernelFile(`${procDir}/${pid}/stat`, 'utf8') ?? '')
    return stat.ok && !stat.value.isKernelThread ? stat.value : undefined
  }
  const startOf = (stat: ProcStat | undefined): EpochMs | undefined =>
    stat && bootMs !== undefined ? processStartMs(bootMs, stat.startTicks) : undefined
  const refused = new Set<number>()
  const link = (pid: number, name: 'exe' | 'cwd'): string | undefined => {
    try {
      return readlinkSync(`${procDir}/${pid}/${name}`)
    } catch (error) {
      if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM') refused.add(pid)
      return undefined
    }
  }
  return {
    get isRefused() {
      // The init of a container or virtual machine may hide from root as well: that is no want of rights.
      refused.delete(1)
      return refused.size > 0
    },
    read(pid) {
      const stat = statOf(pid)
      if (stat === undefined) return undefined
      const dir = `${procDir}/${pid}`
      const links = { exe: link(pid, 'exe'), cwd: link(pid, 'cwd') }
      return describe(stat, startOf(stat), dir, links, users)
    },
    startMs: (pid) => startOf(statOf(pid)),
    refresh: users.refresh,
  }
}

/** What this host knows of a process right now; `processReader` is for more than a few. */
export const readProcess = (pid: number): Process | undefined => processReader().read(pid)

/** Changes with each boot of the kernel; `undefined` where the kernel does not tell. */
export const readBootId = (procDir = '/proc'): string | undefined =>
  tryReadKernelFile(`${procDir}/sys/kernel/random/boot_id`)?.trim() || undefined

function describe(
  stat: ProcStat,
  startMs: EpochMs | undefined,
  dir: string,
  { exe, cwd }: { readonly exe: string | undefined; readonly cwd: string | undefined },
  users: UserNames,
): Process {
  const text = (file: string): string => tryReadKernelFile(`${dir}/${file}`, 'utf8') ?? ''
  const args = parseCmdline(text('cmdline'))
  const uid = effectiveUid(text('status'))
  const login = loginUid(text('loginuid'))
  const serviceUnit = serviceUnitOf(text('cgroup'))
  return {
    pid: stat.pid,
    name: stat.name,
    parentPid: stat.parentPid,
    ...(startMs !== undefined && { startMs }),
    ...(exe !== undefined && { executable: executableOf(exe) }),
    ...(args !== undefined && { args }),
    ...(cwd !== undefined && { workingDirectory: cwd }),
    ...(uid !== undefined && { user: users.userOf(uid) }),
    ...(login !== undefined && { loginUser: users.userOf(login) }),
    ...(serviceUnit !== undefined && { serviceUnit }),
  }
}

export function procProcessCollector(options: ProcProcessOptions): Collector {
  const { clock, pollMs = POLL_MS, procDir = '/proc', passwdFile } = options
  const counters = zeroCounters()
  let isBlindToOthers = false

  return {
    dataset,
    description: `processes in ${procDir}, every ${pollMs / 1000} s`,
    counters,
    degraded: () =>
      isBlindToOthers
        ? `${procDir}: programs of other users' processes are hidden; run the agent as root`
        : undefined,
    async *batches(signal) {
      const reader = processReader({ procDir, ...(passwdFile !== undefined && { passwdFile }) })
      /** Kernel threads too, as `undefined`, so that each is looked at once. */
      const running = new Map<number, Process | undefined>()
      let lastPidBefore: number | undefined

      for await (const atMs of clock.ticks(pollMs, signal)) {
        reader.refresh()
        // Before the listing: a pid given out in between is listed now, and checked at the next look.
        const lastPid = lastPidOf(tryReadKernelFile(`${procDir}/loadavg`) ?? '')
        const isReused = (pid: number): boolean =>
          lastPid === undefined ||
          lastPidBefore === undefined ||
          mayBeReused(pid, lastPid, lastPidBefore)
        const pids = listPids(procDir)
        const events: Event[] = []
        const end = (process: Process | undefined, pid: number): void => {
          running.delete(pid)
          if (process !== undefined) events.push({ kind: 'process-end', atMs, dataset, process })
        }

        for (const [pid, process] of running) if (!pids.has(pid)) end(process, pid)
        for (const pid of pids) {
          counters.received++
          const known = running.get(pid)
          if (running.has(pid)) {
            const isKept = !isReused(pid) || (known && reader.startMs(pid)) === known?.startMs
            if (isKept) {
              counters.ignored++
              continue
            }
            end(known, pid)
          }
          const process = reader.read(pid)
          running.set(pid, process)
          if (process === undefined) {
            counters.ignored++
            continue
          }
          counters.emitted++
          events.push({ kind: 'process-start', atMs, dataset, process })
        }
        lastPidBefore = lastPid
        isBlindToOthers = reader.isRefused
        if (events.length > 0) yield { events }
      }
    },
  }
}

function listPids(procDir: string): ReadonlySet<number> {
  try {
    // A host without its own entry is no procfs, or one that hides all.
    readKernelFile(`${procDir}/stat`)
    const pids = readdirSync(procDir).map(Number)
    return new Set(pids.filter((pid) => Number.isInteger(pid) && pid > 0))
  } catch (cause) {
    throw new SourceError(`${procDir}: ${codeOf(cause) ?? 'cannot be read'}`, {
      cause,
      remedy: 'mount procfs there',
    })
  }
}

/** The senses on macOS: the collectors, and what the correlator asks of the kernel. */
import { execFileSync } from 'node:child_process'
import type { Clock, Collector } from '../collector.ts'
import type { Schedule } from '../event.ts'
import { esloggerCollector } from './eslogger-collector.ts'
import { launchdJobsCollector } from './launchd-jobs-collector.ts'
import { lsofCollector } from './lsof-collector.ts'
import { nettopCollector } from './nettop-collector.ts'
import { psCollector } from './ps-collector.ts'
import { unifiedLogCollector } from './unified-log-collector.ts'

interface Polled {
  readonly enabled: boolean
  readonly pollMs: number
}

/** As the configuration has them under `collect.macos`. */
export interface MacosOptions {
  readonly processes: { readonly enabled: boolean }
  readonly eslogger: { readonly enabled: boolean }
  readonly launchd: Polled
  readonly unifiedLog: { readonly enabled: boolean }
  readonly lsof: Polled
  readonly nettop: Polled
}

export interface MacosDeps {
  readonly clock: Clock
  readonly ownPid: number
  /** Job definitions known from an earlier start. */
  readonly knownSchedules: readonly Schedule[]
  /** Where programs stand in for the system's, in tests. */
  readonly programs?: MacosPrograms
}

/** Paths of the system's programs, and of what stands for `/`. */
export interface MacosPrograms {
  readonly eslogger?: string
  readonly log?: string
  readonly lsof?: string
  readonly nettop?: string
  readonly ps?: string
  readonly rootDir?: string
}

/** In the order in which `agent status` shows them. */
export function macosCollectors(options: MacosOptions, deps: MacosDeps): readonly Collector[] {
  const { clock, ownPid, knownSchedules: known, programs = {} } = deps
  const { processes, eslogger, launchd, unifiedLog, lsof, nettop } = options
  const { rootDir = '/' } = programs
  const jobs = launchdJobsCollector({ clock, known, pollMs: launchd.pollMs, rootDir })
  const once = (path: string | undefined) => (path === undefined ? {} : { command: path })
  const lasting = (path: string | undefined) =>
    path === undefined ? {} : { command: [path] as const }
  const sockets = lsofCollector({ clock, ownPid, pollMs: lsof.pollMs, ...once(programs.lsof) })
  const when = (enabled: boolean, make: () => Collector): Collector[] => (enabled ? [make()] : [])
  // Without the definitions nobody knows which labels are jobs: then each start counts.
  const isJob = launchd.enabled ? { isJob: jobs.isJob } : {}
  return [
    ...when(processes.enabled, () => psCollector({ clock, ...once(programs.ps) })),
    ...when(eslogger.enabled, () =>
      esloggerCollector({ clock, ...isJob, ...lasting(programs.eslogger) }),
    ),
    ...when(launchd.enabled, () => jobs),
    ...when(unifiedLog.enabled, () =>
      unifiedLogCollector({
        ...{ clock, socketOf: sockets.socketOf },
        ...isJob,
        ...lasting(programs.log),
      }),
    ),
    ...when(lsof.enabled, () => sockets),
    ...when(nettop.enabled, () =>
      nettopCollector({ clock, ownPid, pollMs: nettop.pollMs, ...once(programs.nettop) }),
    ),
  ]
}

/** What this boot is called; nobody is looked up, since each look would be a process of its own. */
export function macosHost(): { readonly bootId: string } {
  return { bootId: bootSession() ?? 'unknown' }
}

function bootSession(): string | undefined {
  try {
    const args = ['-n', 'kern.bootsessionuuid']
    return execFileSync('/usr/sbin/sysctl', args, { encoding: 'utf8', timeout: 5_000 }).trim()
  } catch {
    return undefined
  }
}

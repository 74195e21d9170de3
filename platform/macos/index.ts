/** The senses on macOS: the collectors, and what the correlator asks of the kernel. */
import { execFileSync, type StdioOptions } from 'node:child_process'
import { basename, join } from 'node:path'
import type { Collector, SenseDeps } from '../collector.ts'
import { accountNames } from './accounts-collector.ts'
import { esloggerCollector } from './eslogger-collector.ts'
import { lsofCollector } from './lsof-collector.ts'
import { maskedConnections } from './masked-connections.ts'
import { nettopCollector } from './nettop-collector.ts'
import { psCollector } from './ps-collector.ts'
import { scheduleCollector } from './schedule-collector.ts'
import { unifiedLogCollector } from './unified-log-collector.ts'

interface Polled {
  readonly enabled: boolean
  readonly pollMs: number
}

/** As the configuration has them under `collect.macos`. */
export interface MacosOptions {
  readonly processes: { readonly enabled: boolean }
  readonly eslogger: { readonly enabled: boolean }
  readonly schedules: Polled
  readonly unifiedLog: { readonly enabled: boolean }
  readonly lsof: Polled
  readonly nettop: Polled
}

/** What stands in for the system, in tests. */
export interface MacosStandIns {
  /** Folder of programs with the system's names: dscl, eslogger, launchctl, log, lsof and so on. */
  readonly programDir?: string
  /** What stands for `/`, where job definitions are looked for. */
  readonly rootDir?: string
  /** How long a program may print nothing, ms. */
  readonly patienceMs?: number
}

/** In the order in which `agent status` shows them. */
export function macosCollectors(
  options: MacosOptions,
  deps: SenseDeps,
  standIns: MacosStandIns = {},
): readonly Collector[] {
  const { clock, ownPid, knownSchedules: known } = deps
  const { processes, eslogger, schedules, unifiedLog, lsof, nettop } = options
  const { rootDir = '/', patienceMs } = standIns
  const at = (path: string) => programPath(path, standIns)
  const polling = { clock, ...(patienceMs !== undefined && { timeoutMs: patienceMs }) }
  const lasting = { clock, ...(patienceMs !== undefined && { silenceMs: patienceMs }) }
  const jobs = scheduleCollector({
    ...{ clock, known, rootDir, pollMs: schedules.pollMs, launchctl: at(PROGRAMS.launchctl) },
  })
  const logged = maskedConnections()
  const sockets = lsofCollector({
    ...{ ...polling, ownPid, pollMs: lsof.pollMs, command: at(PROGRAMS.lsof) },
    claim: logged.claim,
  })
  const when = (enabled: boolean, make: () => Collector): Collector[] => (enabled ? [make()] : [])
  // Without the definitions nobody knows which labels are jobs: then each start counts.
  const isJob = schedules.enabled ? { isJob: jobs.isJob } : {}
  const named = accountNames({ clock, command: at(PROGRAMS.dscl) })
  return [
    ...when(processes.enabled, () => psCollector({ ...polling, command: at(PROGRAMS.ps) })),
    ...when(eslogger.enabled, () =>
      esloggerCollector({ ...lasting, ...isJob, command: [at(PROGRAMS.eslogger)] }),
    ),
    ...when(schedules.enabled, () => jobs),
    ...when(unifiedLog.enabled, () =>
      unifiedLogCollector({
        ...{ ...lasting, socketOf: sockets.socketOf, begun: logged.begun },
        command: [at(PROGRAMS.log)],
        ...isJob,
      }),
    ),
    ...when(lsof.enabled, () => sockets),
    ...when(nettop.enabled, () =>
      nettopCollector({
        ...{ ...polling, ownPid, pollMs: nettop.pollMs, command: at(PROGRAMS.nettop) },
        sourceOf: sockets.sourceOf,
      }),
    ),
  ].map(named)
}

/** Nobody is looked up, since each look would be a process of its own. */
export function macosHost(standIns: MacosStandIns = {}): { readonly bootId: string } {
  return { bootId: bootSession(programPath(PROGRAMS.sysctl, standIns)) ?? 'unknown' }
}

/** Where macOS has them. The PATH is not asked: root must not run what a user put first. */
const PROGRAMS = {
  dscl: '/usr/bin/dscl',
  eslogger: '/usr/bin/eslogger',
  launchctl: '/bin/launchctl',
  log: '/usr/bin/log',
  lsof: '/usr/sbin/lsof',
  nettop: '/usr/bin/nettop',
  ps: '/bin/ps',
  sysctl: '/usr/sbin/sysctl',
} as const

const programPath = (path: string, { programDir }: MacosStandIns): string =>
  programDir === undefined ? path : join(programDir, basename(path))

function bootSession(sysctl: string): string | undefined {
  try {
    const args = ['-n', 'kern.bootsessionuuid']
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore']
    return execFileSync(sysctl, args, { encoding: 'utf8', timeout: 5_000, stdio }).trim()
  } catch {
    return undefined
  }
}

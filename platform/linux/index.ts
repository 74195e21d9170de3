/** The senses on Linux: the collectors, and what the correlator asks of the kernel. */
import { accessSync, constants } from 'node:fs'
import type { Collector, SenseDeps } from '../collector.ts'
import type { Process, Schedule } from '../event.ts'
import { scheduleFiles } from '../shared/schedule-files-collector.ts'
import { auditCollector } from './audit-choice-collector.ts'
import { conntrackCollector } from './conntrack-collector.ts'
import { cronLogCollector } from './cron-log-collector.ts'
import { hostsFileCollector } from './hosts-file-collector.ts'
import { journalCollector } from './journal-collector.ts'
import { procNetCollector } from './proc-net-collector.ts'
import { processReader, procProcessCollector, readBootId } from './proc-process-collector.ts'
import { scheduleCollector } from './schedule-collector.ts'
import { scanSchedules } from './schedule-scan-collector.ts'
import { ssCollector } from './ss-collector.ts'

/** Cron writes a line a run: looking every few seconds is soon enough. */
const CRON_LOG_POLL_MS = 2_000

interface Polled {
  readonly enabled: boolean
  readonly pollMs: number
}

/** As the configuration has them under `collect.linux`. */
export interface LinuxOptions {
  readonly audit: {
    readonly enabled: boolean
    readonly socketPaths: readonly string[]
    readonly logPath: string
  }
  readonly cron: { readonly enabled: boolean; readonly logPaths: readonly string[] }
  readonly journal: { readonly enabled: boolean }
  readonly schedules: Polled
  readonly procNet: Polled
  readonly conntrack: Polled
  readonly socketInfo: Polled
  readonly processes: Polled
}

/** In the order in which `agent status` shows them. */
export function linuxCollectors(options: LinuxOptions, deps: SenseDeps): readonly Collector[] {
  const { clock, ownPid, knownSchedules: known, maxLagMs } = deps
  const { audit, cron, journal, schedules, procNet, conntrack, socketInfo, processes } = options
  const jobs = scheduleCollector({ clock, known, pollMs: schedules.pollMs })
  const hasCronLog = cron.logPaths.some(isReadable)
  const when = (enabled: boolean, make: () => Collector): Collector[] => (enabled ? [make()] : [])
  return [
    ...when(audit.enabled, () => auditCollector({ ...audit, clock, ownPid, maxLagMs })),
    ...when(schedules.enabled, () => jobs),
    // The journal has what the file has; following both would cost a process for nothing.
    ...when(cron.enabled && (hasCronLog || !journal.enabled), () =>
      cronLogCollector({ clock, pollMs: CRON_LOG_POLL_MS, paths: cron.logPaths }),
    ),
    ...when(journal.enabled && !(cron.enabled && hasCronLog), () =>
      journalCollector({ clock, timerOf: jobs.timerOf }),
    ),
    ...when(processes.enabled, () => procProcessCollector({ clock, pollMs: processes.pollMs })),
    ...when(procNet.enabled, () => procNetCollector({ clock, ownPid, pollMs: procNet.pollMs })),
    ...when(conntrack.enabled, () => conntrackCollector({ clock, pollMs: conntrack.pollMs })),
    ...when(socketInfo.enabled, () => ssCollector({ clock, pollMs: socketInfo.pollMs })),
    hostsFileCollector({ clock }),
  ]
}

/** What a living process is, for one that no event told of; and what this boot is called. */
export function linuxHost(): {
  readonly bootId: string
  readonly lookUp: (pid: number) => Process | undefined
} {
  const reader = processReader()
  return { bootId: readBootId() ?? 'unknown', lookUp: (pid) => reader.read(pid) }
}

/** The job definitions of a host whose files were copied to a folder, and what there is none. */
export async function schedulesUnder(
  rootDir: string,
): Promise<{ readonly schedules: readonly Schedule[]; readonly malformed: readonly string[] }> {
  const { schedules, malformed } = await scanSchedules(scheduleFiles(rootDir))
  return { schedules: [...schedules.values()], malformed }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

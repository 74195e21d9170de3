/** The senses on Windows: the event log's channels and the task definitions. */
import { uptime } from 'node:os'
import { join } from 'node:path'
import type { Collector, SenseDeps } from '../collector.ts'
import type { Process } from '../event.ts'
import type { EventLog } from './event-log.ts'
import { eventLogCollector } from './event-log-collector.ts'
import { knownProcesses } from './known-processes.ts'
import { taskDefinition, taskFilesCollector } from './task-files-collector.ts'
import { wevtapi } from './wevtapi-collector.ts'
import { windowsEvents } from './windows-events.ts'

/** As the configuration has them under `collect.windows`. */
export interface WindowsOptions {
  readonly sysmon: { readonly enabled: boolean }
  readonly taskScheduler: { readonly enabled: boolean }
  readonly security: { readonly enabled: boolean }
  readonly eventLog: { readonly pollMs: number; readonly lookBackMs: number }
  readonly tasks: { readonly enabled: boolean; readonly pollMs: number }
}

/** What stands in for the system, in tests. */
export interface WindowsStandIns {
  readonly log?: EventLog
  /** System32. */
  readonly systemDir?: string
}

export const SYSMON_CHANNEL = 'Microsoft-Windows-Sysmon/Operational'
const TASK_CHANNEL = 'Microsoft-Windows-TaskScheduler/Operational'

/** In the order in which `agent status` shows them. */
export function windowsSenses(
  options: WindowsOptions,
  deps: SenseDeps,
  standIns: WindowsStandIns = {},
): {
  readonly collectors: readonly Collector[]
  readonly bootId: string
  readonly lookUp: (pid: number) => Process | undefined
} {
  const { clock, ownPid, knownSchedules } = deps
  const { systemDir = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32') } = standIns
  const { log = wevtapi(systemDir) } = standIns
  const { sysmon, taskScheduler, security, tasks, eventLog } = options
  const tasksDir = join(systemDir, 'Tasks')
  const known = knownProcesses()
  const events = windowsEvents({ definitionOf: taskDefinition(tasksDir) })
  const shared = { ...{ clock, log, ownPid, known, events }, ...eventLog }
  // Without Sysmon the Security log tells of processes and connections, where they are audited.
  const isFallback = !sysmon.enabled || !has(log, SYSMON_CHANNEL)
  const when = (enabled: boolean, make: () => Collector): Collector[] => (enabled ? [make()] : [])
  return {
    collectors: [
      // First: a run should be known before what it connects to.
      ...when(taskScheduler.enabled, () =>
        eventLogCollector({
          ...shared,
          dataset: 'windows.task_scheduler',
          description: 'tasks that the Task Scheduler registers and runs',
          channel: TASK_CHANNEL,
          ids: [106, 129, 140, 141, 200],
          processIds: [],
          ...{ seesConnections: false, startsLater: false },
          remedies: {
            missing: 'the Task Scheduler of this Windows keeps none',
            disabled: `switch it on: wevtutil set-log ${TASK_CHANNEL} /enabled:true`,
          },
        }),
      ),
      ...when(sysmon.enabled, () =>
        eventLogCollector({
          ...shared,
          dataset: 'windows.sysmon',
          description: 'processes, connections and names that Sysmon tells of',
          channel: SYSMON_CHANNEL,
          ids: [1, 3, 5, 22],
          processIds: [1],
          ...{ seesConnections: true, startsLater: true },
          remedies: {
            missing: 'install Sysmon: sysmon64 -accepteula -i sysmon.xml (shipped with tidewatch)',
            disabled: `switch it on: wevtutil set-log ${SYSMON_CHANNEL} /enabled:true`,
          },
        }),
      ),
      ...when(security.enabled, () =>
        eventLogCollector({
          ...shared,
          dataset: 'windows.security',
          description: isFallback
            ? 'task changes, processes and connections that Windows audits'
            : 'task changes that Windows audits',
          channel: 'Security',
          ids: isFallback
            ? [4688, 4698, 4699, 4700, 4701, 4702, 5156]
            : [4698, 4699, 4700, 4701, 4702],
          processIds: isFallback ? [4688] : [],
          ...{ seesConnections: isFallback, startsLater: true },
          remedies: {
            missing: 'every Windows has it: see whether the service EventLog runs',
            disabled: 'switch it on: wevtutil set-log Security /enabled:true',
          },
        }),
      ),
      ...when(tasks.enabled, () =>
        taskFilesCollector({ clock, tasksDir, known: knownSchedules, pollMs: tasks.pollMs }),
      ),
    ],
    bootId: bootId(clock.now()),
    lookUp: known.of,
  }
}

function has(log: EventLog, channel: string): boolean {
  try {
    return log.state(channel) === 'enabled'
  } catch {
    // The collector tells it, with the remedy.
    return false
  }
}

/** When it booted, to the minute: both clocks are read at different instants. */
const bootId = (nowMs: number): string => String(Math.round((nowMs / 1000 - uptime()) / 60))

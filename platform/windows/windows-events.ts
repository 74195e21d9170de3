/**
 * Records of the Windows event log, of whatever channel, as events. Pure but for what it remembers:
 * the definitions of tasks, so that a record which only names a task comes with what the task does.
 *
 * Told by provider, not by channel: DET0399 prints the Task Scheduler's channel as System, forwarded
 * events come in a channel of their own, and a provider's ids mean the same in each.
 */
import type { EpochMs, Event, Schedule } from '../event.ts'
import { SECURITY_IDS, securityEvent } from './security.ts'
import { SYSMON_IDS, sysmonEvent } from './sysmon.ts'
import { TASK_SCHEDULER_IDS, taskSchedulerEvent } from './task-scheduler.ts'
import type { Unread } from './windows-field.ts'
import type { WindowsRecord } from './windows-record.ts'

const READERS: Record<string, (record: WindowsRecord) => Event | Unread> = {
  'microsoft-windows-sysmon': sysmonEvent,
  'linux-sysmon': sysmonEvent,
  'microsoft-windows-security-auditing': securityEvent,
  'microsoft-windows-taskscheduler': taskSchedulerEvent,
}

/** All ids that any of the readers takes, for a source that can filter. */
export const WINDOWS_IDS: ReadonlySet<number> = new Set([
  ...SYSMON_IDS,
  ...SECURITY_IDS,
  ...TASK_SCHEDULER_IDS,
])

const MAX_TASKS = 8_192

export interface WindowsEventsOptions {
  /** What a task does whose name alone is told: where its definition can be looked at. */
  readonly definitionOf?: (id: string, nowMs: EpochMs) => Schedule | undefined
}

export interface WindowsEvents {
  read(record: WindowsRecord): Event | Unread
}

export function windowsEvents({ definitionOf }: WindowsEventsOptions = {}): WindowsEvents {
  const tasks = new Map<string, Schedule>()

  function remember(schedule: Schedule): void {
    tasks.delete(schedule.id)
    tasks.set(schedule.id, schedule)
    if (tasks.size > MAX_TASKS) tasks.delete(tasks.keys().next().value as string)
  }

  return {
    read(record) {
      if (!WINDOWS_IDS.has(record.eventId)) return 'ignored'
      const event = READERS[record.provider.toLowerCase()]?.(record) ?? 'ignored'
      if (typeof event === 'string' || event.kind !== 'schedule-change') return event
      const { id, command } = event.schedule
      const isBare = command === '' && event.change !== 'deletion'
      // As it is now comes before what was last seen of it: an update names the task alone, too.
      const known = (isBare ? definitionOf?.(id, event.atMs) : undefined) ?? tasks.get(id)
      const schedule = command === '' && known ? known : event.schedule
      if (event.change === 'deletion') tasks.delete(schedule.id)
      else if (schedule.command !== '') remember(schedule)
      return { ...event, schedule }
    },
  }
}

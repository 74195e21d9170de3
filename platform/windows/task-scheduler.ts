/**
 * Records of the Task Scheduler's own log as events of ours: a task was registered (106), updated
 * (140) or deleted (141), its process was created (129), its action started (200). Pure.
 *
 * They name the task and not what it does: `windows-events.ts` puts its definition with it where one
 * was seen. 129's ProcessID and 200's EnginePID are the same process; both are told, since either may
 * be missing: 129 where the action runs in a process that is there already, both where the channel
 * was enabled late. 201, the end of an action, tells nothing that the end of its process does not.
 * https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd363729(v=ws.10)
 */
import type { Event, ScheduleChange, ScheduleRun } from '../event.ts'
import { numberOf, told, type Unread, userOf } from './windows-field.ts'
import type { WindowsRecord } from './windows-record.ts'

const TASK_SCHEDULER_DATASET = 'windows.task_scheduler'
export const TASK_SCHEDULER_IDS: ReadonlySet<number> = new Set([106, 129, 140, 141, 200, 201])

export function taskSchedulerEvent(record: WindowsRecord): Event | Unread {
  switch (record.eventId) {
    case 106:
      return taskChange(record, 'creation')
    case 129:
      return taskRun(record, 'ProcessID', 'Path')
    case 140:
      return taskChange(record, 'change')
    case 141:
      return taskChange(record, 'deletion')
    case 200:
      return taskRun(record, 'EnginePID', 'ActionName')
    default:
      return 'ignored'
  }
}

function taskChange(
  record: WindowsRecord,
  change: 'creation' | 'change' | 'deletion',
): ScheduleChange | Unread {
  const id = told(record, 'TaskName')
  if (id === undefined) return 'malformed'
  // 106 says whom it runs as; 140 and 141 say who changed it, which is not the same.
  const user = userOf(record.field('UserContext'))
  return {
    kind: 'schedule-change',
    change,
    atMs: record.createdMs,
    dataset: TASK_SCHEDULER_DATASET,
    schedule: { id, scheduler: 'task-scheduler', command: '', ...(user && { user }) },
  }
}

function taskRun(record: WindowsRecord, pidField: string, what: string): ScheduleRun | Unread {
  const scheduleId = told(record, 'TaskName')
  if (scheduleId === undefined) return 'malformed'
  const command = told(record, what)
  const pid = numberOf(record.field(pidField))
  return {
    kind: 'schedule-run',
    atMs: record.createdMs,
    dataset: TASK_SCHEDULER_DATASET,
    scheduler: 'task-scheduler',
    scheduleId,
    ...(command && { command }),
    ...(pid && { process: { pid } }),
  }
}

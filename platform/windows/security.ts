/**
 * Records of the Security log as events of ours: a process that started (4688), a task that was made,
 * deleted, enabled, disabled or changed (4698 to 4702), a connection that was let out (5156). Pure.
 *
 * They tell less than Sysmon, and are there without it where auditing is on: 4688 has no identity
 * that survives pid reuse, and 5156 names the program by its device path.
 * https://learn.microsoft.com/windows/security/threat-protection/auditing/
 */
import type { Connection, Event, ProcessStart, ScheduleChange, User } from '../event.ts'
import { parseTask } from './task.ts'
import { commandLineOf, endpointOf, numberOf, told, type Unread } from './windows-field.ts'
import type { WindowsRecord } from './windows-record.ts'

export const SECURITY_DATASET = 'windows.security'
export const SECURITY_IDS: ReadonlySet<number> = new Set([4688, 4698, 4699, 4700, 4701, 4702, 5156])

export function securityEvent(record: WindowsRecord): Event | Unread {
  switch (record.eventId) {
    case 4688:
      return processStart(record)
    case 4698:
      return taskChange(record, 'creation')
    case 4699:
      return taskChange(record, 'deletion')
    case 4700:
    case 4701:
    case 4702:
      return taskChange(record, 'change')
    case 5156:
      return connection(record)
    default:
      return 'ignored'
  }
}

function processStart(record: WindowsRecord): ProcessStart | Unread {
  const pid = numberOf(record.field('NewProcessId'))
  if (pid === undefined) return 'malformed'
  const parentPid = numberOf(record.field('ProcessId'))
  const executable = told(record, 'NewProcessName')
  const commandLine = commandLineOf(record, 'CommandLine')
  // The target is told where the process runs as someone else than who started it.
  const user = accountOf(record, 'Target') ?? accountOf(record, 'Subject')
  return {
    kind: 'process-start',
    atMs: record.createdMs,
    dataset: SECURITY_DATASET,
    process: {
      pid,
      startMs: record.createdMs,
      ...(parentPid && { parentPid }),
      ...(executable && { executable }),
      ...(commandLine && { commandLine }),
      ...(user && { user }),
    },
  }
}

function accountOf(record: WindowsRecord, role: 'Subject' | 'Target'): User | undefined {
  const name = told(record, `${role}UserName`)
  const domain = told(record, `${role}DomainName`)
  const id = told(record, `${role}UserSid`)
  if (name === undefined) return undefined
  return {
    // S-1-0-0 is nobody.
    ...(id && id !== 'S-1-0-0' && { id }),
    name: domain === undefined ? name : `${domain}\\${name}`,
  }
}

function taskChange(
  record: WindowsRecord,
  change: 'creation' | 'change' | 'deletion',
): ScheduleChange | Unread {
  const id = told(record, 'TaskName')
  if (id === undefined) return 'malformed'
  const content = told(record, 'TaskContentNew') ?? told(record, 'TaskContent')
  const task = content === undefined ? undefined : parseTask(id, content, record.createdMs)
  // It was deleted all the same, whatever it was.
  if (change !== 'deletion' && task?.ok === false) return 'malformed'
  const user = accountOf(record, 'Subject')
  const known = task?.ok ? task.value.schedule : { id, scheduler: 'task-scheduler', command: '' }
  return {
    kind: 'schedule-change',
    change,
    atMs: record.createdMs,
    dataset: SECURITY_DATASET,
    schedule: { ...(user && { user }), ...known } as ScheduleChange['schedule'],
  }
}

/** `%%14593` is what Windows writes for "Outbound", and leaves to the reader to translate. */
const OUTBOUND = new Set(['%%14593', 'outbound'])
const TRANSPORTS: Record<string, 'tcp' | 'udp'> = {
  '6': 'tcp',
  '17': 'udp',
  tcp: 'tcp',
  udp: 'udp',
}

function connection(record: WindowsRecord): Connection | Unread {
  const direction = record.field('Direction')?.toLowerCase()
  if (direction === undefined) return 'malformed'
  if (!OUTBOUND.has(direction)) return 'ignored'
  const transport = TRANSPORTS[record.field('Protocol')?.toLowerCase() ?? '']
  // ICMP and the like: type and code stand where ports would.
  if (transport === undefined) return 'ignored'
  const destination = endpointOf(record.field('DestAddress'), record.field('DestPort'))
  if (destination === undefined) return 'malformed'
  if (destination.port === 0) return 'ignored'
  const source = endpointOf(record.field('SourceAddress'), record.field('SourcePort'))
  const pid = numberOf(record.field('ProcessID') ?? record.field('ProcessId'))
  const executable = told(record, 'Application')
  return {
    kind: 'connection',
    phase: 'start',
    atMs: record.createdMs,
    dataset: SECURITY_DATASET,
    transport,
    ...(source && { source }),
    destination,
    ...(pid !== undefined && { process: { pid, ...(executable && { executable }) } }),
  }
}

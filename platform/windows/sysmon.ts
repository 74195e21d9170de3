/**
 * Sysmon's records as events of ours: a process that started (1) or ended (5), a connection that this
 * host opened (3), a name that was resolved (22). Pure.
 *
 * Times are Sysmon's own (`UtcTime`): a record is written up to seconds after what it tells of, and
 * connections more so than processes. ProcessGuid survives pid reuse and is the same in all of them.
 * https://learn.microsoft.com/sysinternals/downloads/sysmon
 */
import { parseIp } from '../address.ts'
import type { Connection, Event, NameResolved, Process, ProcessStart } from '../event.ts'
import {
  commandLineOf,
  endpointOf,
  guidOf,
  numberOf,
  told,
  type Unread,
  userOf,
  utcMs,
} from './windows-field.ts'
import type { WindowsRecord } from './windows-record.ts'

const SYSMON_DATASET = 'windows.sysmon'
export const SYSMON_IDS: ReadonlySet<number> = new Set([1, 3, 5, 22])

export function sysmonEvent(record: WindowsRecord): Event | Unread {
  if (!SYSMON_IDS.has(record.eventId)) return 'ignored'
  const process = processOf(record)
  if (process === undefined) return 'malformed'
  const atMs = utcMs(record.field('UtcTime')) ?? record.createdMs
  const stamp = { atMs, dataset: SYSMON_DATASET }
  switch (record.eventId) {
    case 1:
      return { kind: 'process-start', ...stamp, ...started(record, process, atMs) }
    case 3:
      return connection(record, process, stamp)
    case 5:
      return { kind: 'process-end', ...stamp, process }
    default:
      return nameResolved(record, process, stamp)
  }
}

function processOf(record: WindowsRecord): Process | undefined {
  const pid = numberOf(record.field('ProcessId'))
  if (pid === undefined) return undefined
  const entityId = guidOf(record.field('ProcessGuid'))
  const executable = told(record, 'Image')
  const user = userOf(record.field('User'))
  return {
    pid,
    ...(entityId && { entityId }),
    // What it says of a process that was gone when it looked.
    ...(executable && executable !== '<unknown process>' && { executable }),
    ...(user && { user }),
  }
}

function started(
  record: WindowsRecord,
  process: Process,
  startMs: number,
): Pick<ProcessStart, 'process' | 'parent'> {
  const parent = parentOf(record)
  const commandLine = commandLineOf(record, 'CommandLine')
  const workingDirectory = told(record, 'CurrentDirectory')
  return {
    process: {
      ...process,
      startMs,
      ...(parent && { parentPid: parent.pid }),
      ...(commandLine && { commandLine }),
      ...(workingDirectory && { workingDirectory }),
    },
    ...(parent?.executable && { parent }),
  }
}

/** `undefined` where it was gone: its pid is then 0. */
function parentOf(record: WindowsRecord): Process | undefined {
  const pid = numberOf(record.field('ParentProcessId'))
  if (pid === undefined || pid === 0) return undefined
  const entityId = guidOf(record.field('ParentProcessGuid'))
  const executable = told(record, 'ParentImage')
  const commandLine = commandLineOf(record, 'ParentCommandLine')
  const user = userOf(record.field('ParentUser'))
  return {
    pid,
    ...(entityId && { entityId }),
    ...(executable && { executable }),
    ...(commandLine && { commandLine }),
    ...(user && { user }),
  }
}

interface Stamp {
  readonly atMs: number
  readonly dataset: string
}

function connection(record: WindowsRecord, process: Process, stamp: Stamp): Connection | Unread {
  const initiated = record.field('Initiated')?.toLowerCase()
  if (initiated === undefined) return 'malformed'
  if (initiated !== 'true' && initiated !== '1') return 'ignored'
  const destination = endpointOf(record.field('DestinationIp'), record.field('DestinationPort'))
  if (destination === undefined) return 'malformed'
  // Nothing can be sent to port 0.
  if (destination.port === 0) return 'ignored'
  const source = endpointOf(record.field('SourceIp'), record.field('SourcePort'))
  const protocol = record.field('Protocol')?.toLowerCase()
  const transport = protocol === 'tcp' || protocol === 'udp' ? protocol : undefined
  return {
    kind: 'connection',
    phase: 'start',
    ...stamp,
    ...(transport && { transport }),
    ...(source && { source }),
    destination,
    process,
  }
}

/** Answers without an address (other types, errors) name nothing that could be connected to. */
function nameResolved(
  record: WindowsRecord,
  process: Process,
  stamp: Stamp,
): NameResolved | Unread {
  const name = record.field('QueryName')
  if (name === undefined) return 'malformed'
  const domain = name.toLowerCase().replace(/\.$/, '')
  const addresses = queryAddresses(record.field('QueryResults') ?? '')
  if (domain === '' || domain === '-' || addresses.length === 0) return 'ignored'
  return { kind: 'name-resolved', ...stamp, domain, addresses, process }
}

/** `type:  5 name;::ffff:1.2.3.4;2001:db8::1;`: the aliases passed over, each address once. */
export function queryAddresses(results: string): string[] {
  const addresses = results.split(';').flatMap((result) => parseIp(result.trim()) ?? [])
  return [...new Set(addresses)]
}

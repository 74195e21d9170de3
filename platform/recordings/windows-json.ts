/**
 * One record of a Windows event log as JSON, in the forms that shippers write. Pure and total.
 *
 * - flat: all names at the top; written by many, in NXLog's way with local times
 * - Winlogbeat 6: values under `event_data`; Winlogbeat 7 and later: all of it under `winlog`, and
 *   what its modules renamed, in ECS
 * - `{"Event": {"System": …, "EventData": …}}`: XML turned into JSON, attributes apart or not
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'
import type { WindowsRecord } from '../windows/windows-record.ts'
import { ecsField } from './windows-json-ecs.ts'
import { at, type JsonObject, nameOf, objectOf, textOf } from './windows-json-value.ts'

export function parseWindowsJson(line: string): Parsed<WindowsRecord> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return malformed('no JSON object: cut off?')
  }
  const root = objectOf(value)
  if (root === undefined) return malformed('no JSON object')
  const event = objectOf(root['Event'])
  const winlog = objectOf(root['winlog'])
  const found =
    event !== undefined
      ? xmlForm(event)
      : winlog !== undefined
        ? winlogForm(root, winlog)
        : 'event_data' in root || 'event_id' in root
          ? winlogForm(root, root)
          : flatForm(root)
  if (Number.isNaN(found.eventId)) return malformed('no record of an event log: no event id')
  if (Number.isNaN(found.createdMs)) return malformed('a record without its time')
  return parsed(found)
}

/** What a form makes of a record; `NaN` where it does not say. */
function record(
  told: {
    id: unknown
    created: number
    channel: unknown
    provider: unknown
    number: unknown
    computer: unknown
  },
  field: (name: string) => string | undefined,
): WindowsRecord {
  const recordId = Number.parseInt(textOf(told.number) ?? '', 10)
  const computer = textOf(told.computer)
  return {
    eventId: Number.parseInt(textOf(told.id) ?? '', 10),
    createdMs: told.created,
    channel: textOf(told.channel) ?? '',
    provider: textOf(told.provider) ?? '',
    ...(!Number.isNaN(recordId) && { recordId }),
    ...(computer !== undefined && { computer }),
    field,
  }
}

function winlogForm(root: JsonObject, log: JsonObject): WindowsRecord {
  const data = objectOf(log['event_data']) ?? {}
  const user = objectOf(log['user_data']) ?? {}
  return record(
    {
      id: log['event_id'] ?? at(root, 'event.code'),
      created: dateOf(textOf(root['@timestamp']) ?? textOf(log['time_created'])),
      channel: log['channel'] ?? log['log_name'],
      provider: log['provider_name'] ?? log['source_name'] ?? at(root, 'event.provider'),
      number: log['record_id'] ?? log['record_number'],
      computer: log['computer_name'] ?? at(root, 'host.name'),
    },
    (name) => textOf(data[name]) ?? textOf(user[name]) ?? ecsField(root, name),
  )
}

function xmlForm(event: JsonObject): WindowsRecord {
  const system = objectOf(event['System']) ?? {}
  const data = objectOf(event['EventData']) ?? objectOf(event['UserData']) ?? {}
  const list = data['Data']
  const named = new Map<string, unknown>()
  for (const entry of Array.isArray(list) ? list : [list]) {
    const [object, name] = [objectOf(entry), nameOf(entry, 'Name')]
    // An entry without text is an empty element.
    if (object !== undefined && name !== undefined) named.set(name, textOf(object) ?? '')
  }
  return record(
    {
      id: system['EventID'],
      created: dateOf(nameOf(system['TimeCreated'], 'SystemTime')),
      channel: system['Channel'],
      provider: nameOf(system['Provider'], 'Name'),
      number: system['EventRecordID'],
      computer: system['Computer'],
    },
    (name) => textOf(named.get(name) ?? data[name]),
  )
}

function flatForm(root: JsonObject): WindowsRecord {
  const message = textOf(root['Message'])
  // NXLog puts the number of the process that wrote the record in the place of 5156's ProcessID, as a
  // number where values are strings, and drops Sysmon's ProcessId then. The message still tells them.
  const isWriters = typeof root['ProcessID'] === 'number'
  return record(
    {
      id: root['EventID'],
      created: flatMs(root),
      channel: root['Channel'] ?? root['LogName'],
      provider: root['SourceName'] ?? root['ProviderName'] ?? root['Provider_Name'],
      number: root['RecordNumber'] ?? root['EventRecordID'],
      computer: root['Hostname'] ?? root['Computer'],
    },
    (name) => {
      if (name === 'ProcessID' && isWriters) return inMessage(message, 'Process ID')
      return textOf(root[name]) ?? (name === 'ProcessId' ? inMessage(message, name) : undefined)
    },
  )
}

/** `Name: value` on a line of its own. */
const inMessage = (message: string | undefined, name: string): string | undefined =>
  new RegExp(`^\\s*${name}:\\s*(\\w+)`, 'm').exec(message ?? '')?.[1]

/** Zones are told in quarters of an hour. */
const QUARTER_MS = 900_000

/**
 * NXLog writes times without their zone. It is what lies between the shipper's clock in UTC and the
 * time of receipt, both told of the same moment.
 */
function flatMs(root: JsonObject): number {
  const local = dateOf(textOf(root['EventTime']))
  const [received, shipped] = ['EventReceivedTime', '@timestamp'].map((key) =>
    dateOf(textOf(root[key])),
  ) as [number, number]
  const offsetMs = Math.round((shipped - received) / QUARTER_MS) * QUARTER_MS
  if (!Number.isNaN(local + offsetMs)) return local + offsetMs
  const told = ['TimeCreated', 'UtcTime', '@timestamp'].map((key) => dateOf(textOf(root[key])))
  return told.find((ms) => !Number.isNaN(ms)) ?? local
}

/** Where no zone is told, UTC is taken. */
function dateOf(text: string | undefined): number {
  const [, date, time, zone = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(Z|[+-]\d\d:?\d\d)?$/.exec(
      text ?? '',
    ) ?? []
  return date === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone || 'Z'}`)
}

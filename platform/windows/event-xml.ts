/**
 * An event as XML, the form that Windows renders and that Sysmon for Linux writes into syslog, as a
 * `WindowsRecord`. Pure and total.
 * https://learn.microsoft.com/windows/win32/wes/eventschema-schema
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { childOf, childText, parseXml, type XmlElement } from '../shared/xml.ts'
import type { WindowsRecord } from './windows-record.ts'

/** @param text from its `<Event` on; what stands behind its end is an error */
export function parseEventXml(text: string): Parsed<WindowsRecord> {
  const document = parseXml(text)
  if (!document.ok) return document
  const event = document.value
  const system = childOf(event, 'System')
  if (event.name !== 'Event' || system === undefined) return malformed('no event')
  const eventId = Number.parseInt(childText(system, 'EventID') ?? '', 10)
  const created = childOf(system, 'TimeCreated')?.attributes.get('SystemTime') ?? ''
  // Nanoseconds are more than a Date reads.
  const createdMs = Date.parse(created.replace(/(\.\d{3})\d+/, '$1'))
  if (Number.isNaN(eventId)) return malformed('an event without its id')
  if (Number.isNaN(createdMs)) return malformed('an event without its time')
  const recordId = Number.parseInt(childText(system, 'EventRecordID') ?? '', 10)
  const computer = childText(system, 'Computer')
  const fields = new Map<string, string>()
  for (const name of ['EventData', 'UserData']) collect(childOf(event, name), fields)
  return parsed({
    eventId,
    createdMs,
    channel: childText(system, 'Channel') ?? '',
    provider: childOf(system, 'Provider')?.attributes.get('Name') ?? '',
    ...(!Number.isNaN(recordId) && { recordId }),
    ...(computer !== undefined && { computer }),
    field: (name) => fields.get(name),
  })
}

/** Elements without children: by their attribute Name, else by their own. The first of a name counts. */
function collect(element: XmlElement | undefined, fields: Map<string, string>): void {
  for (const child of element?.children ?? []) {
    if (child.children.length > 0) collect(child, fields)
    else {
      const name = child.attributes.get('Name') ?? child.name
      if (!fields.has(name)) fields.set(name, child.text)
    }
  }
}

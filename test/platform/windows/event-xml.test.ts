import t from 'tap'
import { parseEventXml } from '../../../platform/windows/event-xml.ts'
import { sysmonEvent } from '../../../platform/windows/sysmon.ts'

const event = (system: string, data: string) =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>${system}</System>${data}</Event>`
const SYSTEM = `<Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/><EventID Qualifiers="0">5</EventID>
  <TimeCreated SystemTime="2022-01-04T19:52:56.313955000Z"/><EventRecordID>21</EventRecordID>
  <Channel>Linux-Sysmon/Operational</Channel><Computer>web-1</Computer>`
const DATA = `<EventData><Data Name="UtcTime">2022-01-04 19:52:56.319</Data><Data Name="ProcessId">4711</Data>
  <Data Name="Image">/usr/bin/a&amp;b</Data></EventData>`

t.test('an event in XML is a record', async (t) => {
  const result = parseEventXml(event(SYSTEM, DATA))
  const record = result.ok ? result.value : t.fail(result.reason)
  if (typeof record === 'boolean') return
  t.match(record, {
    eventId: 5,
    provider: 'Linux-Sysmon',
    channel: 'Linux-Sysmon/Operational',
    recordId: 21,
    computer: 'web-1',
    createdMs: Date.UTC(2022, 0, 4, 19, 52, 56, 313),
  })
  t.match(sysmonEvent(record), { process: { pid: 4711, executable: '/usr/bin/a&b' } })
  t.equal(record.field('nothing'), undefined)
})

t.test('UserData goes by the names of its elements', async (t) => {
  const data = '<UserData><EventXML><Param1>ann</Param1><Param2/></EventXML></UserData>'
  const result = parseEventXml(event(SYSTEM, data))
  t.equal(result.ok && result.value.field('Param1'), 'ann')
  t.equal(result.ok && result.value.field('Param2'), '')
})

t.test('what is no event is refused', async (t) => {
  const bad = [
    '<Task/>',
    '<Event/>',
    event('<EventID>1</EventID>', DATA),
    event(SYSTEM.replace('>5<', '>x<'), DATA),
    event(SYSTEM, DATA).slice(0, -3),
  ]
  for (const text of bad) t.notOk(parseEventXml(text).ok, text.slice(0, 60))
})

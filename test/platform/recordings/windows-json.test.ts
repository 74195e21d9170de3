import fc from 'fast-check'
import t from 'tap'
import { parseWindowsJson } from '../../../platform/recordings/windows-json.ts'
import { holds } from '../../support/holds.ts'

const CHANNEL = 'Microsoft-Windows-Sysmon/Operational'
const PROVIDER = 'Microsoft-Windows-Sysmon'
const AT = Date.UTC(2020, 8, 17, 21, 45, 41)
const read = (value: unknown) => {
  const result = parseWindowsJson(JSON.stringify(value))
  return result.ok ? result.value : undefined
}

t.test('the forms tell the same', async (t) => {
  const time = '2020-09-17T21:45:41Z'
  const image = { Image: 'C:\\a.exe' }
  const xml = (data: unknown, apart: boolean) => {
    const attribute = (name: string, value: string) =>
      apart ? { '#attributes': { [name]: value } } : { [name]: value }
    return {
      Event: {
        System: {
          EventID: apart ? 3 : '3',
          Provider: attribute('Name', PROVIDER),
          TimeCreated: attribute('SystemTime', '2020-09-17T21:45:41.0001234Z'),
          Channel: CHANNEL,
          Computer: 'pc',
          EventRecordID: '7',
        },
        EventData: data,
      },
    }
  }
  const forms = {
    flat: {
      EventID: 3,
      SourceName: PROVIDER,
      Channel: CHANNEL,
      Hostname: 'pc',
      RecordNumber: 7,
      TimeCreated: time,
      ...image,
    },
    'Winlogbeat 6': {
      '@timestamp': time,
      event_id: 3,
      log_name: CHANNEL,
      source_name: PROVIDER,
      computer_name: 'pc',
      record_number: '7',
      event_data: image,
    },
    'Winlogbeat 8': {
      '@timestamp': time,
      winlog: {
        event_id: '3',
        channel: CHANNEL,
        provider_name: PROVIDER,
        computer_name: 'pc',
        record_id: 7,
        event_data: image,
      },
    },
    'Winlogbeat 8 with its module': {
      '@timestamp': time,
      event: { code: '3', provider: PROVIDER },
      host: { name: 'pc' },
      process: { executable: 'C:\\a.exe' },
      winlog: { channel: CHANNEL, record_id: '7' },
    },
    'XML as a list': xml({ Data: [{ Name: 'Image', text: 'C:\\a.exe' }] }, false),
    'XML by name': xml(image, true),
  }
  for (const [form, value] of Object.entries(forms)) {
    const record = read(value)
    const want = { eventId: 3, channel: CHANNEL, provider: PROVIDER, computer: 'pc', recordId: 7 }
    t.match(record, { ...want, createdMs: AT }, form)
    t.equal(record?.field('Image'), 'C:\\a.exe', form)
    t.equal(record?.field('Nothing'), undefined, form)
  }
})

const nxlog = {
  EventID: 5156,
  Channel: 'security',
  EventTime: '2020-09-17 17:45:41',
  EventReceivedTime: '2020-09-17 17:45:42',
  '@timestamp': '2020-09-17T21:45:42.742Z',
  ProcessID: 4,
  ThreadID: 440,
  Message:
    'Permitted.\r\n\r\nApplication:\r\n\tProcess ID:\t\t3068\r\n\tName:\ta\r\nProcessId: 17\r\n',
}

t.test('NXLog leaves the zone of its times to be found', async (t) => {
  t.equal(read(nxlog)?.createdMs, AT)
  t.equal(read({ ...nxlog, '@timestamp': undefined })?.createdMs, AT - 4 * 3_600_000)
  t.equal(read({ EventID: 1, EventTime: '2020-09-17T23:45:41+02:00' })?.createdMs, AT)
})

t.test('NXLog puts the pid of the writer in the place of the told one', async (t) => {
  t.equal(read(nxlog)?.field('ProcessID'), '3068')
  t.equal(read(nxlog)?.field('ProcessId'), '17')
  t.equal(read({ ...nxlog, ProcessID: '2556' })?.field('ProcessID'), '2556')
  t.equal(read({ ...nxlog, Message: undefined })?.field('ProcessID'), undefined)
})

t.test('what is no record is refused', async (t) => {
  for (const line of ['', '7', 'null', '[]', '{}', '{"EventID":1}', '{"EventID":1,"EventT']) {
    t.notOk(parseWindowsJson(line).ok, line)
  }
})

t.test('properties', async (t) => {
  const names = ['Event', 'winlog', 'event_data', 'EventID', 'System', 'Data', '@timestamp', 'Name']
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
    ),
  }))
  const anything = fc.property(value, (json) => {
    const result = parseWindowsJson(JSON.stringify(json))
    if (result.ok) for (const name of names) result.value.field(name)
    return result.ok ? Number.isFinite(result.value.createdMs) : result.reason !== ''
  })
  holds(t, 'never throws', anything)
})

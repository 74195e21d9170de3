import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Event } from '../../../platform/event.ts'
import { evtxReader } from '../../../platform/recordings/evtx-reader.ts'
import { parseTask } from '../../../platform/windows/task.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import { recording, withoutRecordings } from '../../support/recordings.ts'

const NOW = Date.UTC(2024, 5, 1)

const taskXml = (settings = '') => `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <TimeTrigger>
      <StartBoundary>2024-03-01T02:30:00</StartBoundary>
      <Repetition><Interval>PT15M</Interval></Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Other"><UserId>S-1-5-18</UserId></Principal>
    <Principal id="Author"><UserId>DOM\\ann</UserId></Principal>
  </Principals>
  <Settings>${settings}</Settings>
  <Actions Context="Author">
    <Exec><Command>C:\\a b\\c.exe</Command><Arguments>-x &amp; -y</Arguments></Exec>
    <Exec><Command>d.exe</Command></Exec>
  </Actions>
</Task>`

const task = (xml: string) => {
  const result = parseTask('\\T', xml, NOW)
  return result.ok ? result.value : undefined
}

t.test('a task is a schedule', async (t) => {
  t.strictSame(task(taskXml()), {
    schedule: {
      id: '\\T',
      scheduler: 'task-scheduler',
      command: 'C:\\a b\\c.exe -x & -y & d.exe',
      trigger:
        '<TimeTrigger><StartBoundary>2024-03-01T02:30:00</StartBoundary><Repetition><Interval>PT15M</Interval></Repetition></TimeTrigger>',
      user: { name: 'DOM\\ann' },
      timing: { kind: 'interval', everyMs: 900_000, since: 'start' },
    },
    isEnabled: true,
  })
})

t.test('a task that is switched off fires never; a hidden one is told', async (t) => {
  const off = task(taskXml('<Enabled>false</Enabled><Hidden>true</Hidden>'))
  t.match(off, { isEnabled: false, schedule: { isHidden: true, timing: undefined } })
})

t.test('a COM handler is told by its class', async (t) => {
  const xml = '<Task><Actions><ComHandler><ClassId>{AB}</ClassId></ComHandler></Actions></Task>'
  t.strictSame(task(xml)?.schedule, { id: '\\T', scheduler: 'task-scheduler', command: '{AB}' })
})

t.test('a shipper may have escaped it', async (t) => {
  const escaped = taskXml().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  t.match(task(escaped)?.schedule, { user: { name: 'DOM\\ann' }, timing: { everyMs: 900_000 } })
})

t.test('Windows cuts a long task short', async (t) => {
  const xml = taskXml()
  const cut = task(xml.slice(0, xml.indexOf('-y')))
  t.match(cut?.schedule, { command: 'C:\\a b\\c.exe -x &', timing: { everyMs: 900_000 } })
})

t.test('another document is no task', async (t) => {
  t.strictSame(parseTask('\\T', '<Event/>', NOW), { ok: false, reason: '<Event> is no task' })
  t.notOk(parseTask('\\T', '', NOW).ok)
})

t.test('the persistent task of a recorded attack', { skip: withoutRecordings }, async (t) => {
  const folder = 'windows-evtx/mdecrevoisier-EVTX-to-MITRE-Attack/TA0002-Execution'
  const name =
    'T1053.005-Scheduled Task/ID4688-4698 Persistent scheduled task with SYSTEM privileges creation.evtx'
  const events: Event[] = []
  const windows = windowsEvents()
  const reader = evtxReader((record) => {
    const event = windows.read(record)
    if (typeof event !== 'string') events.push(event)
  })
  reader.push(readFileSync(recording(`${folder}/${name}`)))
  reader.end()
  const changes = events.filter((event) => event.kind === 'schedule-change')
  t.match(changes, [
    {
      change: 'creation',
      schedule: {
        id: '\\eviltask',
        command: 'C:\\tools\\shell.cmd',
        trigger: /<Interval>PT1M<\/Interval>/,
        timing: { kind: 'interval', everyMs: 60_000 },
      },
    },
  ])
  t.equal(events.filter((event) => event.kind === 'process-start').length, 3)
})

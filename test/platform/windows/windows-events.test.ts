import t from 'tap'
import { WINDOWS_IDS, windowsEvents } from '../../../platform/windows/windows-events.ts'
import {
  otherRecord,
  securityRecord,
  sysmonRecord,
  taskRecord,
} from '../../support/windows-record.ts'

const TaskName = '\\Backup'
const TaskContent = '<Task><Actions><Exec><Command>a.exe</Command></Exec></Actions></Task>'

t.test('records go by their provider, not by their channel', async (t) => {
  const { read } = windowsEvents()
  const end = sysmonRecord(5, { ProcessId: '4' })
  t.match(read(end), { dataset: 'windows.sysmon' })
  t.match(read({ ...end, channel: 'ForwardedEvents' }), { dataset: 'windows.sysmon' })
  t.match(read({ ...end, provider: 'Linux-Sysmon' }), { dataset: 'windows.sysmon' })
  t.match(read({ ...taskRecord(106, { TaskName }), channel: 'System' }), {
    dataset: 'windows.task_scheduler',
  })
  t.equal(read(otherRecord(5, { ProcessId: '4' })), 'ignored', 'another provider has these ids too')
  t.equal(read(otherRecord(102, {})), 'ignored')
  t.notOk(WINDOWS_IDS.has(102))
})

t.test(
  'a record that only names a task comes with its definition where one was seen',
  async (t) => {
    const { read } = windowsEvents()
    t.match(read(taskRecord(106, { TaskName })), { schedule: { command: '' } })
    t.match(read(securityRecord(4698, { TaskName, TaskContent })), {
      schedule: { command: 'a.exe' },
    })
    t.match(read(taskRecord(140, { TaskName })), { schedule: { command: 'a.exe' } })
    t.match(read(taskRecord(141, { TaskName })), { schedule: { command: 'a.exe' } })
    t.match(read(taskRecord(106, { TaskName })), { schedule: { command: '' } }, 'made anew')
  },
)

t.test('a task that is only named is looked at where its definition is kept', async (t) => {
  const kept = { id: TaskName, scheduler: 'task-scheduler', command: 'now.exe' } as const
  const { read } = windowsEvents({ definitionOf: (id) => (id === TaskName ? kept : undefined) })
  t.match(read(taskRecord(106, { TaskName })), { schedule: { command: 'now.exe' } })
  t.match(read(securityRecord(4698, { TaskName, TaskContent })), { schedule: { command: 'a.exe' } })
  t.match(read(taskRecord(140, { TaskName })), { schedule: { command: 'now.exe' } }, 'as it is now')
  t.match(read(taskRecord(106, { TaskName: '\\Gone' })), { schedule: { command: '' } })
})

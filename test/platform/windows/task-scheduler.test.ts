import t from 'tap'
import { taskSchedulerEvent } from '../../../platform/windows/task-scheduler.ts'
import { CREATED_MS, taskRecord } from '../../support/windows-record.ts'

const TaskName = '\\Backup'
const stamp = { atMs: CREATED_MS, dataset: 'windows.task_scheduler' }

t.test('106, 140 and 141 are changes of a task that they only name', async (t) => {
  t.strictSame(taskSchedulerEvent(taskRecord(106, { TaskName, UserContext: 'DOM\\ann' })), {
    kind: 'schedule-change',
    change: 'creation',
    ...stamp,
    schedule: {
      id: TaskName,
      scheduler: 'task-scheduler',
      command: '',
      user: { name: 'DOM\\ann' },
    },
  })
  const changed = taskSchedulerEvent(taskRecord(140, { TaskName, UserName: 'S-1-5-18' }))
  t.match(changed, { change: 'change', schedule: { id: TaskName, user: undefined } })
  t.match(taskSchedulerEvent(taskRecord(141, { TaskName })), { change: 'deletion' })
})

t.test('129 and 200 name the same process of a run', async (t) => {
  const created = { TaskName, Path: 'taskhostw.exe', ProcessID: '1532', Priority: '32' }
  const run = { kind: 'schedule-run', ...stamp, scheduler: 'task-scheduler', scheduleId: TaskName }
  t.strictSame(taskSchedulerEvent(taskRecord(129, created)), {
    ...run,
    command: 'taskhostw.exe',
    process: { pid: 1532 },
  })
  const action = { TaskName, ActionName: 'C:\\a.exe', EnginePID: '1532' }
  t.strictSame(taskSchedulerEvent(taskRecord(200, action)), {
    ...run,
    command: 'C:\\a.exe',
    process: { pid: 1532 },
  })
})

t.test('a run whose process was not told is a run', async (t) => {
  const event = taskSchedulerEvent(taskRecord(129, { TaskName, Path: 'a.exe' }))
  t.match(event, { kind: 'schedule-run', process: undefined })
})

t.test('201 and others tell nothing; a record without a task is none', async (t) => {
  t.equal(taskSchedulerEvent(taskRecord(201, { TaskName })), 'ignored')
  t.equal(taskSchedulerEvent(taskRecord(102, { TaskName })), 'ignored')
  for (const id of [106, 129, 200]) t.equal(taskSchedulerEvent(taskRecord(id, {})), 'malformed')
})

import fc from 'fast-check'
import t from 'tap'
import { securityEvent } from '../../../platform/windows/security.ts'
import { holds } from '../../support/holds.ts'
import { CREATED_MS, securityRecord } from '../../support/windows-record.ts'

const stamp = { atMs: CREATED_MS, dataset: 'windows.security' }
const subject = {
  SubjectUserSid: 'S-1-5-21-1-2-3-500',
  SubjectUserName: 'ann',
  SubjectDomainName: 'DOM',
}
const started = {
  ...subject,
  NewProcessId: '0x242c',
  NewProcessName: 'C:\\a.exe',
  ProcessId: '0x273c',
  CommandLine: 'a.exe -x',
}

t.test('4688 is a process that started', async (t) => {
  t.strictSame(securityEvent(securityRecord(4688, { ...started, TargetUserName: '-' })), {
    kind: 'process-start',
    ...stamp,
    process: {
      pid: 0x242c,
      startMs: CREATED_MS,
      parentPid: 0x273c,
      executable: 'C:\\a.exe',
      commandLine: 'a.exe -x',
      user: { id: 'S-1-5-21-1-2-3-500', name: 'DOM\\ann' },
    },
  })
})

t.test('a process that runs as someone else is theirs', async (t) => {
  const target = { TargetUserSid: 'S-1-0-0', TargetUserName: 'bob', TargetDomainName: 'DOM' }
  t.match(securityEvent(securityRecord(4688, { ...started, ...target })), {
    process: { user: { name: 'DOM\\bob' } },
  })
})

const TASK = `<?xml version="1.0" encoding="UTF-16"?><Task><Triggers><TimeTrigger><Repetition>
  <Interval>PT1M</Interval></Repetition></TimeTrigger></Triggers>
  <Actions><Exec><Command>C:\\tools\\a.cmd</Command></Exec></Actions></Task>`

t.test('4698 to 4702 are changes of tasks', async (t) => {
  const changes = {
    4698: 'creation',
    4699: 'deletion',
    4700: 'change',
    4701: 'change',
    4702: 'change',
  } as const
  for (const [id, change] of Object.entries(changes)) {
    const content = id === '4702' ? { TaskContentNew: TASK } : { TaskContent: TASK }
    const record = securityRecord(Number(id), { ...subject, TaskName: '\\a', ...content })
    t.match(securityEvent(record), {
      kind: 'schedule-change',
      change,
      ...stamp,
      schedule: {
        id: '\\a',
        scheduler: 'task-scheduler',
        command: 'C:\\tools\\a.cmd',
        timing: { kind: 'interval', everyMs: 60_000, since: 'start' },
        user: { name: 'DOM\\ann' },
      },
    })
  }
})

t.test('a task that was deleted is told without its definition', async (t) => {
  const gone = securityRecord(4699, { TaskName: '\\a', TaskContent: 'no XML' })
  t.match(securityEvent(gone), { change: 'deletion', schedule: { id: '\\a', command: '' } })
  t.equal(securityEvent(securityRecord(4698, { TaskName: '\\a', TaskContent: 'x' })), 'malformed')
  t.equal(securityEvent(securityRecord(4699, {})), 'malformed')
})

const flow = {
  ProcessID: '2556',
  Application: '\\device\\harddiskvolume2\\a.exe',
  Direction: '%%14593',
  SourceAddress: '172.18.39.5',
  SourcePort: '56948',
  DestAddress: '192.0.2.7',
  DestPort: '443',
  Protocol: '6',
}

t.test('5156 is a connection that was let out', async (t) => {
  t.strictSame(securityEvent(securityRecord(5156, flow)), {
    kind: 'connection',
    phase: 'start',
    ...stamp,
    transport: 'tcp',
    source: { ip: '172.18.39.5', port: 56_948 },
    destination: { ip: '192.0.2.7', port: 443 },
    process: { pid: 2556, executable: '\\device\\harddiskvolume2\\a.exe' },
  })
  const of = (change: Record<string, string>) =>
    securityEvent(securityRecord(5156, { ...flow, ...change }))
  t.equal(of({ Direction: '%%14592' }), 'ignored')
  t.match(of({ Direction: 'Outbound', Protocol: '17' }), { transport: 'udp' })
  t.equal(of({ Protocol: '1' }), 'ignored')
  t.equal(of({ DestPort: '0' }), 'ignored')
  t.equal(of({ DestAddress: '?' }), 'malformed')
  t.equal(securityEvent(securityRecord(5156, {})), 'malformed')
})

t.test('properties', async (t) => {
  const names = [...Object.keys(flow), ...Object.keys(started), 'TaskName', 'TaskContent']
  const fields = fc.dictionary(fc.constantFrom(...names), fc.string())
  const ids = fc.constantFrom(4688, 4698, 4699, 4700, 4701, 4702, 5156, 1)
  const anything = fc.property(ids, fields, (id, values) => {
    const event = securityEvent(securityRecord(id, values))
    return typeof event === 'string' || event.atMs === CREATED_MS
  })
  holds(t, 'never throws', anything)
})

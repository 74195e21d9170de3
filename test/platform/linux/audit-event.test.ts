import t from 'tap'
import { auditAssembler } from '../../../platform/linux/audit-assemble.ts'
import { auditEvent } from '../../../platform/linux/audit-event.ts'
import { parseAuditRecord } from '../../../platform/linux/audit-record.ts'

const STAMP = 'msg=audit(1723819442.459:77):'
const WHO = 'ppid=7 pid=8 auid=1000 uid=1000 euid=0 comm="nc" exe="/usr/bin/nc"'
const NAMES = '\x1dAUID="jo" UID="jo" EUID="root"'

function event(...records: (readonly [type: string, body: string])[]) {
  const assembler = auditAssembler()
  for (const [type, body] of records) {
    const read = parseAuditRecord(`type=${type} ${STAMP} ${body}`)
    if (!read.ok) throw new Error(read.reason)
    assembler.push(read.value)
  }
  const [group] = assembler.end()
  if (group === undefined) throw new Error('no event')
  return auditEvent(group)
}
const syscall = (number: number, result: string, who = WHO + NAMES) =>
  ['SYSCALL', `arch=c000003e syscall=${number} ${result} a0=3 items=0 ${who}`] as const
const saddr = (hex: string) => ['SOCKADDR', `saddr=${hex}`] as const
const HOST = saddr('02000035C00002070000000000000000')

t.test('a program that starts is told with its user and who logged in', async (t) => {
  const cwd = ['CWD', 'cwd=2F746D702F6120'] as const
  t.strictSame(event(syscall(59, 'success=yes exit=0'), ['EXECVE', 'argc=1 a0="nc"'], cwd), {
    kind: 'process-start',
    atMs: 1_723_819_442_459,
    dataset: 'linux.audit',
    process: {
      pid: 8,
      parentPid: 7,
      executable: '/usr/bin/nc',
      name: 'nc',
      user: { id: '0', name: 'root' },
      loginUser: { id: '1000', name: 'jo' },
      startMs: 1_723_819_442_459,
      args: ['nc'],
      workingDirectory: '/tmp/a ',
    },
  })
})

t.test('the title stands in for arguments that never came', async (t) => {
  const started = event(syscall(59, 'success=yes exit=0'), ['PROCTITLE', 'proctitle=6E63002D6C'])
  t.match(started, { process: { args: ['nc', '-l'] } })
})

t.test('a service has no login user', async (t) => {
  for (const auid of ['4294967295', '-1', 'unset']) {
    const who = `pid=8 auid=${auid} euid=0\x1dAUID="unset" EUID="root"`
    const started = event(syscall(59, 'success=yes exit=0', who))
    t.match(started, { process: { pid: 8, user: { id: '0', name: 'root' } } })
    t.notMatch(started, { process: { loginUser: {} } })
  }
})

t.test('a connection that had to wait is TCP; of another nobody can tell', async (t) => {
  const waited = event(syscall(42, 'success=no exit=-115'), HOST)
  t.match(waited, { kind: 'connection', phase: 'start', transport: 'tcp' })
  t.match(waited, { destination: { ip: '192.0.2.7', port: 53 }, process: { pid: 8 } })
  const done = event(syscall(42, 'success=yes exit=0'), HOST)
  t.match(done, { kind: 'connection', destination: { ip: '192.0.2.7', port: 53 } })
  t.notOk('transport' in Object(done))
})

t.test('no transfer: a refused connection, port 0, a local socket, another call', async (t) => {
  t.equal(event(syscall(42, 'success=no exit=-111'), HOST), 'ignored')
  const port0 = saddr('02000000C00002070000000000000000')
  t.equal(event(syscall(42, 'success=yes exit=0'), port0), 'ignored')
  t.equal(event(syscall(42, 'success=yes exit=0'), saddr('01002F72756E2F78')), 'ignored')
  t.equal(event(syscall(44, 'success=yes exit=0'), HOST), 'ignored')
  t.equal(event(syscall(59, 'success=no exit=-2')), 'ignored')
})

t.test('what is not whole is no event', async (t) => {
  t.equal(event(syscall(42, 'success=yes exit=0')), 'incomplete')
  t.equal(event(['EXECVE', 'argc=1 a0="nc"']), 'incomplete')
  t.equal(event(syscall(42, 'success=yes exit=0'), saddr('0200')), 'malformed')
  t.equal(event(syscall(42, 'success=yes exit=0', 'pid=x'), HOST), 'malformed')
  t.equal(event(syscall(59, 'success=yes exit=0', 'comm="nc"')), 'malformed')
})

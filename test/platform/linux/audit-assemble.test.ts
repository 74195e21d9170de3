import t from 'tap'
import { ASSEMBLE_LIMITS, auditAssembler } from '../../../platform/linux/audit-assemble.ts'
import { type AuditRecord, parseAuditRecord } from '../../../platform/linux/audit-record.ts'

function record(type: string, serial: number, body = '', atMs = 1_000): AuditRecord {
  const stamp = `${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}:${serial}`
  const read = parseAuditRecord(`type=${type} msg=audit(${stamp}): ${body}`)
  if (!read.ok) throw new Error(read.reason)
  return read.value
}
const EXEC = 'arch=c000003e syscall=59 success=yes exit=0'
const serials = (groups: readonly { readonly serial: number }[]) =>
  groups.map(({ serial }) => serial)

t.test('EOE ends an event, PROCTITLE does where there is no EOE', async (t) => {
  for (const end of ['EOE', 'PROCTITLE']) {
    const assembler = auditAssembler()
    for (const [type, body] of [
      ['SYSCALL', EXEC],
      ['EXECVE', 'argc=1 a0="x"'],
    ] as const) {
      assembler.push(record(type, 1, body))
    }
    t.strictSame(assembler.take(1_000), [])
    assembler.push(record(end, 1))
    t.match(assembler.take(1_000), [{ serial: 1, records: 3, call: 'exec' }], end)
  }
})

t.test('an end that comes too early waits for what the event needs', async (t) => {
  const assembler = auditAssembler()
  for (const type of ['PROCTITLE', 'EXECVE']) assembler.push(record(type, 1))
  assembler.push(record('SYSCALL', 1, EXEC))
  t.strictSame(assembler.take(1_000), [])
  t.equal(assembler.push(record('EOE', 1)), true)
  t.match(assembler.take(1_000), [{ records: 4 }])
})

t.test('an end of nothing belongs nowhere', async (t) => {
  t.equal(auditAssembler().push(record('EOE', 1)), false)
})

t.test('events leave in the order in which they began', async (t) => {
  const assembler = auditAssembler()
  assembler.push(record('SYSCALL', 1, EXEC))
  assembler.push(record('SYSCALL', 2, 'arch=c000003e syscall=1 success=yes'))
  assembler.push(record('EOE', 2))
  t.strictSame(assembler.take(1_000), [])
  t.strictSame(serials(assembler.pending()), [1, 2])
  assembler.push(record('EXECVE', 1))
  assembler.push(record('EOE', 1))
  t.strictSame(serials(assembler.take(1_000)), [1, 2])
  t.equal(assembler.pendingRecords, 0)
})

t.test('the same serial at another time is another event', async (t) => {
  const assembler = auditAssembler()
  assembler.push(record('SYSCALL', 1, EXEC, 1_000))
  assembler.push(record('EXECVE', 1, 'argc=1 a0="x"', 1_500))
  t.strictSame(serials(assembler.end()), [1, 1])
})

t.test(
  'an event waits for its time-out, and not for ever where the clock was set back',
  async (t) => {
    for (const nowMs of [12_001, 7_999]) {
      const assembler = auditAssembler()
      assembler.push(record('SYSCALL', 1, EXEC, 10_000))
      t.strictSame(assembler.take(12_000), [])
      t.strictSame(assembler.take(8_000), [])
      t.equal(assembler.take(nowMs).length, 1)
    }
  },
)

t.test('events and characters are bounded', async (t) => {
  const few = auditAssembler({ ...ASSEMBLE_LIMITS, maxGroups: 3 })
  for (let serial = 1; serial <= 5; serial++) few.push(record('SYSCALL', serial, EXEC))
  t.strictSame(serials(few.take(1_000)), [1, 2])
  const short = auditAssembler({ ...ASSEMBLE_LIMITS, maxChars: 1_000 })
  short.push(record('SYSCALL', 1, EXEC))
  for (let i = 0; i < 9; i++) short.push(record('EXECVE', 1, `a${i}="${'x'.repeat(200)}"`))
  t.match(short.take(1_000), [{ serial: 1, records: 10 }])
  t.equal(short.pendingRecords, 0)
})

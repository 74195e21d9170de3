import t from 'tap'
import { auditCall } from '../../../platform/linux/audit-call.ts'
import { parseAuditRecord } from '../../../platform/linux/audit-record.ts'

function call(arch: string, syscall: number, more = 'success=yes exit=0 a0=3') {
  const line = `type=SYSCALL msg=audit(1.002:3): arch=${arch} syscall=${syscall} ${more}`
  const read = parseAuditRecord(line)
  if (!read.ok) throw new Error(read.reason)
  return auditCall(read.value)
}

const calls = [
  ['c000003e', 59, 'exec'],
  ['c000003e', 322, 'exec'],
  ['c000003e', 42, 'connect'],
  ['c00000b7', 221, 'exec'],
  ['c00000b7', 281, 'exec'],
  ['c00000b7', 203, 'connect'],
  ['40000003', 11, 'exec'],
  ['40000003', 358, 'exec'],
  ['40000003', 362, 'connect'],
  ['40000003', 102, 'connect'],
  ['80000015', 11, 'exec'],
  ['80000015', 328, 'connect'],
  ['80000015', 327, 'other'],
  ['c000003e', 44, 'other'],
  ['c000003e', 11, 'other'],
  ['deadbeef', 59, 'other'],
] as const
for (const [arch, number, expected] of calls) {
  t.test(`${number} of ${arch} is ${expected}`, async (t) => {
    t.equal(call(arch, number), expected)
  })
}

t.test('socketcall serves all of sockets: only its third is connect', async (t) => {
  t.equal(call('40000003', 102, 'success=yes exit=0 a0=2'), 'other')
})

t.test('a connection that has begun is one, a refused one is none', async (t) => {
  t.equal(call('c000003e', 42, 'success=no exit=-115 a0=3'), 'connect')
  t.equal(call('c000003e', 42, 'success=no exit=-111 a0=3'), 'other')
})

t.test('a program that could not be started is none', async (t) => {
  t.equal(call('c000003e', 59, 'success=no exit=-2 a0=3'), 'other')
})

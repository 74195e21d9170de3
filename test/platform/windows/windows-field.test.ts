import t from 'tap'
import {
  commandLineOf,
  endpointOf,
  guidOf,
  numberOf,
  told,
  userOf,
  utcMs,
} from '../../../platform/windows/windows-field.ts'
import { sysmonRecord } from '../../support/windows-record.ts'

t.test('a dash and an empty text say nothing', async (t) => {
  const record = sysmonRecord(1, { a: '-', b: '', c: 'x' })
  t.strictSame(
    ['a', 'b', 'c', 'd'].map((name) => told(record, name)),
    [undefined, undefined, 'x', undefined],
  )
})

t.test('of a command line that carries a program its beginning is kept', async (t) => {
  const record = sysmonRecord(1, { a: 'x'.repeat(32_000), b: '-', c: 'y z' })
  const lines = ['a', 'b', 'c'].map((name) => commandLineOf(record, name))
  t.strictSame(lines, ['x'.repeat(8_191), undefined, 'y z'])
})

t.test('numbers are decimal or hexadecimal', async (t) => {
  const cases = {
    '12': 12,
    '0x1f4': 500,
    '0X1F4': 500,
    '': undefined,
    '-1': undefined,
    '1.5': undefined,
  }
  for (const [text, number] of Object.entries(cases)) t.equal(numberOf(text), number, text)
  t.equal(numberOf('9'.repeat(20)), undefined)
})

t.test('an endpoint has an address and a port', async (t) => {
  t.strictSame(endpointOf('fe80:0:0:0:116b:fe91:1f2d:5bcd', '443'), {
    ip: 'fe80::116b:fe91:1f2d:5bcd',
    port: 443,
  })
  t.equal(endpointOf('-', '443'), undefined)
  t.equal(endpointOf('10.0.0.1', '65536'), undefined)
  t.equal(endpointOf('10.0.0.1', undefined), undefined)
})

t.test('a GUID has one spelling', async (t) => {
  const guid = '{747F3D96-CA4B-5EC9-0000-0010B8CB3700}'
  t.equal(guidOf(guid.toLowerCase()), guid)
  t.equal(guidOf(guid.slice(1, -1)), guid)
  t.equal(guidOf('{00000000-0000-0000-0000-000000000000}'), undefined)
  t.equal(guidOf('{747F3D96}'), undefined)
})

t.test('Sysmon stamps in UTC', async (t) => {
  t.equal(utcMs('2020-05-24 01:13:47.752'), Date.UTC(2020, 4, 24, 1, 13, 47, 752))
  t.equal(utcMs('2020-05-24T01:13:47.7521234Z'), Date.UTC(2020, 4, 24, 1, 13, 47, 752))
  t.equal(utcMs('yesterday'), undefined)
})

t.test('a user is a SID or a name', async (t) => {
  t.strictSame(userOf('S-1-5-18'), { id: 'S-1-5-18' })
  t.strictSame(userOf('NT AUTHORITY\\SYSTEM'), { name: 'NT AUTHORITY\\SYSTEM' })
  t.equal(userOf('-'), undefined)
})

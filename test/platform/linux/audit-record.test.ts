import fc from 'fast-check'
import t from 'tap'
import {
  decodeText,
  enrichedName,
  numberField,
  parseAuditRecord,
  rawField,
  textField,
} from '../../../platform/linux/audit-record.ts'
import { holds } from '../../support/holds.ts'

const LINE =
  'type=SYSCALL msg=audit(1723819442.459:2482681): arch=c000003e ppid=7 pid=8 auid=1000 euid=0 ' +
  'comm="php" exe=2F6F70742F6120622F706870 key=(null)\x1dARCH=x86_64 AUID="Jo Doe" UID="root"'

t.test('reads type, time and serial', async (t) => {
  t.match(parseAuditRecord(LINE), {
    ok: true,
    value: {
      kind: 'syscall',
      atMs: 1_723_819_442_459,
      serial: 2_482_681,
      node: '',
    },
  })
})

t.test('keeps the nodes of a common log apart', async (t) => {
  const record = parseAuditRecord(`node=web1 ${LINE}`)
  t.match(record, { ok: true, value: { kind: 'syscall', node: 'node=web1 ' } })
})

t.test('knows a type by its number, where auditd is older than the kernel', async (t) => {
  const line = 'type=UNKNOWN[1327] msg=audit(1.002:3): proctitle="x"'
  t.match(parseAuditRecord(line), { ok: true, value: { kind: 'proctitle', atMs: 1_002 } })
})

const refused = {
  'an empty line': '',
  'a comment': '# log of web1',
  'no type': 'msg=audit(1.002:3): x=1',
  'no stamp': 'type=SYSCALL arch=c000003e',
  'a time without milliseconds': 'type=SYSCALL msg=audit(1:3): x=1',
  'a line that is cut in its serial': 'type=SYSCALL msg=audit(1723819442.459:24',
  'a serial beyond 32 bits': 'type=SYSCALL msg=audit(1.002:4294967296): x=1',
  'a node without a type': 'node=web1 SYSCALL msg=audit(1.002:3): x=1',
}
for (const [name, line] of Object.entries(refused)) {
  t.test(`refuses ${name}`, async (t) => {
    t.equal(parseAuditRecord(line).ok, false)
  })
}

t.test('finds a field by its whole name', async (t) => {
  t.equal(numberField(LINE, ' pid=', 0), 8)
  t.equal(numberField(LINE, ' ppid=', 0), 7)
  t.equal(numberField(LINE, ' comm=', 0), undefined)
  t.equal(rawField(LINE, ' tty=', 0), undefined)
})

t.test('reads text that is quoted, hex, or not there', async (t) => {
  t.equal(textField(LINE, ' comm=', 0), 'php')
  t.equal(textField(LINE, ' exe=', 0), '/opt/a b/php')
  t.equal(textField(LINE, ' key=', 0), undefined)
  t.equal(decodeText('C3BC'), 'ü')
  t.equal(decodeText('ABC'), 'ABC', 'half a byte is no hex')
  t.equal(decodeText('"cut'), 'cut')
})

t.test('reads the name that auditd put beside a number', async (t) => {
  t.equal(enrichedName(LINE, 'AUID="', 0), 'Jo Doe')
  t.equal(enrichedName(LINE, 'UID="', 0), 'root', 'not the end of AUID')
  t.equal(enrichedName(LINE, 'EUID="', 0), undefined)
  t.equal(enrichedName('x\x1dUID="unset"', 'UID="', 0), undefined)
  t.equal(enrichedName('x\x1dUID="unknown(848)"', 'UID="', 0), undefined)
  t.equal(enrichedName('x UID="root"', 'UID="', 0), 'root', 'a collector made 0x1D a blank')
})

t.test('properties', async (t) => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((s) => LINE + s),
  )
  const total = fc.property(anything, fc.nat(300), (text, cut) => {
    const record = parseAuditRecord(text.slice(0, cut))
    rawField(text, ' a0=', 0)
    textField(text, ' exe=', 0)
    enrichedName(text, 'UID="', 0)
    return typeof record.ok === 'boolean'
  })
  holds(t, 'never throws', total)

  // What the kernel does: quotes where it can, hex where it has to.
  const written = (value: string): string =>
    /^[!#-~]*$/.test(value) ? `"${value}"` : Buffer.from(value).toString('hex').toUpperCase()
  const readsBack = fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
    return decodeText(written(value)) === value
  })
  holds(t, 'reads back every text that the kernel can write', readsBack)

  const stamped = fc.property(
    fc.nat(4_000_000_000),
    fc.nat(999),
    fc.nat(0xffff_ffff),
    (s, ms, n) => {
      const line = `type=EOE msg=audit(${s}.${String(ms).padStart(3, '0')}:${n}):`
      const record = parseAuditRecord(line)
      return record.ok && record.value.atMs === s * 1000 + ms && record.value.serial === n
    },
  )
  holds(t, 'reads back every stamp', stamped)
})

import fc from 'fast-check'
import t from 'tap'
import { execveArgs, proctitleArgs } from '../../../platform/linux/audit-args.ts'
import { type AuditRecord, parseAuditRecord } from '../../../platform/linux/audit-record.ts'
import { holds } from '../../support/holds.ts'

function record(type: string, body: string): AuditRecord {
  const read = parseAuditRecord(`type=${type} msg=audit(1.002:3): ${body}`)
  if (!read.ok) throw new Error(read.reason)
  return read.value
}
const args = (...bodies: string[]) => execveArgs(bodies.map((body) => record('EXECVE', body)))
const title = (body: string) => proctitleArgs(record('PROCTITLE', body))

t.test('reads quoted, hex and empty arguments', async (t) => {
  t.strictSame(args('argc=4 a0="curl" a1="" a2=612062 a3="a1=x"'), ['curl', '', 'a b', 'a1=x'])
})

t.test('takes a short number for text and not for hex', async (t) => {
  t.strictSame(args('argc=2 a0="tail" a1="18080"'), ['tail', '18080'])
})

t.test('joins the pieces of a long argument, though a character is cut', async (t) => {
  const first = 'argc=3 a0="echo" a1_len=8 a1[0]=61C3'
  t.strictSame(args(first, ' a1[1]=BC62 a2_len=4 a2[0]="cd"', ' a2[1]="ef"'), [
    'echo',
    'aüb',
    'cdef',
  ])
})

t.test('a list goes on in the next record', async (t) => {
  t.strictSame(args('argc=3 a0="a" a1="b"', 'a2="c"'), ['a', 'b', 'c'])
})

t.test('an argument that was lost leaves its place empty', async (t) => {
  t.strictSame(args('argc=3 a0="a"', 'a2="c"'), ['a', '', 'c'])
})

t.test('no arguments are no list', async (t) => {
  t.equal(args('argc=0'), undefined)
  t.equal(args(), undefined)
  t.equal(args('argc=1 a99999999999="x" ab="y" a1[x]="z" a[1]="w"'), undefined)
})

t.test('a title is a command line with NULs', async (t) => {
  t.strictSame(title('proctitle=6375726C002D7300'), ['curl', '-s'])
  t.strictSame(title('proctitle="whoami"'), ['whoami'])
  t.equal(title('proctitle=(null)'), undefined)
})

t.test('properties', async (t) => {
  const total = fc.property(fc.array(fc.string({ unit: 'binary' })), (bodies) => {
    args(...bodies)
    title(bodies.join(' '))
  })
  holds(t, 'never throws', total)

  const written = (value: string): string =>
    /^[!#-~]*$/.test(value) ? `"${value}"` : Buffer.from(value).toString('hex').toUpperCase()
  const anyArg = fc.string({ unit: 'grapheme' }).map((arg) => arg.replaceAll('\0', ''))
  const anyArgs = fc.array(anyArg, { minLength: 1 })
  const readsBack = fc.property(anyArgs, fc.nat(20), (list, cut) => {
    const fields = list.map((arg, i) => `a${i}=${written(arg)}`)
    const read = args(fields.slice(0, cut).join(' '), fields.slice(cut).join(' '))
    t.strictSame(read, list)
  })
  holds(t, 'reads back every list, however it is spread over records', readsBack)
})

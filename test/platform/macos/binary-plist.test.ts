import fc from 'fast-check'
import { buildBinary } from 'plist'
import t from 'tap'
import { parseBinaryPlist } from '../../../platform/macos/binary-plist.ts'
import { holds } from '../../support/holds.ts'

type Value = string | number | boolean | Date | Value[] | { [key: string]: Value }

const read = (value: Value) => parseBinaryPlist(Buffer.from(buildBinary(value)))

/** A file by hand: its objects one behind the other, the first on top, references of one byte. */
function file(objects: readonly (readonly number[])[]): Buffer {
  const header = Buffer.from('bplist00')
  const offsets: number[] = []
  let at = header.length
  for (const object of objects) {
    offsets.push(at)
    at += object.length
  }
  const trailer = Buffer.alloc(32)
  trailer[6] = 1
  trailer[7] = 1
  trailer.writeBigUInt64BE(BigInt(objects.length), 8)
  trailer.writeBigUInt64BE(BigInt(at), 24)
  return Buffer.concat([header, Buffer.from(objects.flat()), Buffer.from(offsets), trailer])
}

t.test('reads each kind of value', async (t) => {
  const date = new Date('2026-01-15T10:00:00Z')
  const value = { Label: 'a', list: [1, -2, 2 ** 40, 1.5, true, false], 'é€': 'ü', date }
  t.strictSame(read(value), { ok: true, value })
  t.strictSame(parseBinaryPlist(file([[0x43, 1, 2, 3]])), {
    ...{ ok: true, value: Buffer.from([1, 2, 3]) },
  })
  t.strictSame(parseBinaryPlist(file([[0x81, 1, 2]])), { ok: true, value: 258 }, 'a UID')
  t.strictSame(parseBinaryPlist(file([[0xc1, 1], [0x09]])), { ok: true, value: [true] }, 'a set')
  t.strictSame(parseBinaryPlist(file([[0x00]])), { ok: true, value: undefined }, 'null')
  const wide = file([[0x14, ...Array(15).fill(0), 7]])
  t.strictSame(parseBinaryPlist(wide), { ok: true, value: 7 }, 'a number of 16 bytes')
})

t.test('reads a value with a size of its own', async (t) => {
  const long = 'x'.repeat(70_000)
  t.strictSame(read([long]), { ok: true, value: [long] })
})

t.test('a key is a key, whatever it is called', async (t) => {
  const list = file([[0xd1, 1, 2], [0x59, ...Buffer.from('__proto__')], [0xd0]])
  const result = parseBinaryPlist(list)
  t.ok(result.ok && Object.hasOwn(result.value as object, '__proto__'))
})

const doubled = (depth: number) => [
  ...Array.from({ length: depth }, (_, i) => [0xa2, i + 1, i + 1]),
  [0x09],
]
const refuses: Record<string, [Buffer, RegExp]> = {
  'a list that holds itself': [file([[0xa1, 0]]), /deeper than 32/],
  'a list that doubles at each level': [file(doubled(31)), /more than 20000 values/],
  'a reference to nothing': [file([[0xa1, 9]]), /no object 9/],
  'a text that reaches beyond the file': [
    file([[0x5f, 0x12, 0x7f, 0xff, 0xff, 0xff]]),
    /beyond the file/,
  ],
  'a list that claims more than there is': [
    file([[0xaf, 0x12, 0x7f, 0xff, 0xff, 0xff]]),
    /beyond the file/,
  ],
  'a size that is no number': [file([[0x5f, 0x09]]), /no number/],
  'an unknown kind': [file([[0x70]]), /unknown kind 7/],
  'no trailer': [Buffer.from('bplist00'), /cut off/],
}
for (const [name, [bytes, reason]] of Object.entries(refuses)) {
  t.test(`refuses ${name}`, async (t) => {
    t.match(parseBinaryPlist(bytes), { ok: false, reason })
  })
}

t.test('properties', async (t) => {
  const values = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.integer(),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  })).value
  const back = fc.property(values, (value) => {
    t.strictSame(read(value), { ok: true, value })
  })
  holds(t, 'reads back what is written', back)
})

import fc from 'fast-check'
import t from 'tap'
import {
  arrayTexts,
  filetimeMs,
  valueMs,
  valueText,
} from '../../../platform/recordings/evtx-value.ts'
import { filetime, utf16 } from '../../support/evtx-chunk.ts'
import { holds } from '../../support/holds.ts'

const told = (type: number, hex: string): string => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return valueText(bytes, type, 0, bytes.length)
}

t.test('values are told as Windows tells them', async (t) => {
  const cases: readonly (readonly [type: number, hex: string, text: string])[] = [
    [0x00, '', ''],
    [0x01, '4100e900', 'Aé'],
    [0x01, '410000004200', 'A'],
    [0x02, '41e900', 'Aé'],
    [0x03, 'ff', '-1'],
    [0x04, 'ff', '255'],
    [0x05, 'feff', '-2'],
    [0x06, 'feff', '65534'],
    [0x07, 'fdffffff', '-3'],
    [0x08, 'fdffffff', '4294967293'],
    [0x09, 'fcffffffffffffff', '-4'],
    [0x0a, 'fcffffffffffffff', '18446744073709551612'],
    [0x0b, '0000c03f', '1.5'],
    [0x0c, '000000000000f83f', '1.5'],
    [0x0d, '01000000', 'true'],
    [0x0d, '00000000', 'false'],
    [0x0d, '00010000', 'true'],
    [0x0d, '01', 'true'],
    [0x0e, '00ff1a', '00FF1A'],
    [0x0f, '963d7f744bcac95e000010b8cb370000', '{747F3D96-CA4B-5EC9-0000-10B8CB370000}'],
    [0x10, 'e8030000', '0x3e8'],
    [0x10, 'e803000000000000', '0x3e8'],
    [
      0x13,
      '010500000000000515000000aabbccdd01000000020000 00f4010000',
      'S-1-5-21-3721182122-1-2-500',
    ],
    [0x13, '0101000000000005 12000000', 'S-1-5-18'],
    [0x14, 'e5030000', '0x3e5'],
    [0x15, 'e503000000000000', '0x3e5'],
    [0x15, '0000000000000000', '0x0'],
    [0x81, '410000004200430000 00', 'A\nBC'],
    [0x88, '0100000002000000', '1\n2'],
    [0x7f, '01', ''],
  ]
  for (const [type, hex, text] of cases) t.equal(told(type, hex), text, `${type} ${hex}`)
})

t.test('an empty value is an empty text, whatever its type', async (t) => {
  for (let type = 0; type < 0x100; type++) {
    const texts = valueText(Buffer.alloc(0), type, 0, 0)
    t.equal(texts, '', `type ${type}`)
  }
})

t.test('members of an array keep their order and their gaps', async (t) => {
  const bytes = utf16('a\0\0b\0')
  t.strictSame(arrayTexts(bytes, 0x81, 0, bytes.length), ['a', '', 'b'])
})

t.test('times are exact to the hundred nanoseconds', async (t) => {
  const atMs = Date.UTC(2019, 0, 7, 3, 22, 16, 651)
  const bytes = filetime(atMs)
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE() + 9_999n)
  t.equal(filetimeMs(bytes, 0), atMs)
  t.equal(valueText(bytes, 0x11, 0, 8), '2019-01-07T03:22:16.651999900Z')
  const system = Buffer.from('e4070500000018000100'.concat('0d002f00f402'), 'hex')
  t.equal(valueMs(system, 0x12, 0, 16), Date.UTC(2020, 4, 24, 1, 13, 47, 756))
  t.equal(valueMs(bytes, 0x0a, 0, 8), undefined)
  t.match(valueText(Buffer.alloc(8, 0xff), 0x11, 0, 8), /^\+060056-05-28T/)
})

t.test('properties', async (t) => {
  const times = fc.property(fc.integer({ min: -11_644_473_600_000, max: 4e12 }), (ms) => {
    t.equal(filetimeMs(filetime(ms), 0), ms)
  })
  holds(t, 'every millisecond comes back', times)

  const anything = fc.property(fc.nat(255), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
    try {
      return typeof valueText(Buffer.from(bytes), type, 0, bytes.length) === 'string'
    } catch (error) {
      return error instanceof RangeError
    }
  })
  holds(t, 'any bytes are a text, or out of range', anything)
})

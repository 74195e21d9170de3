import fc from 'fast-check'
import t from 'tap'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import { holds } from '../../support/holds.ts'

const all = (
  splitter: ReturnType<typeof lineSplitter>,
  chunks: readonly Uint8Array[],
): string[] => {
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)))
  const rest = splitter.flush()
  return rest === undefined ? lines : [...lines, rest]
}

t.test('hands out whole lines, and the rest when asked', async (t) => {
  const splitter = lineSplitter()
  t.strictSame(splitter.push(Buffer.from('one\ntw')), ['one'])
  t.equal(splitter.pendingBytes, 2)
  t.strictSame(splitter.push(Buffer.from('o\r\n\nthr')), ['two', ''])
  t.equal(splitter.flush(), 'thr')
  t.equal(splitter.flush(), undefined)
})

t.test('a carriage return may be in one chunk and its line feed in the next', async (t) => {
  const splitter = lineSplitter()
  t.strictSame(splitter.push(Buffer.from('one\r')), [])
  t.strictSame(splitter.push(Buffer.from('\ntwo\r\nthree\r\n')), ['one', 'two', 'three'])
})

t.test('gives up a line that is too long, and counts it', async (t) => {
  const splitter = lineSplitter(4)
  t.strictSame(splitter.push(Buffer.from('12')), [])
  t.strictSame(splitter.push(Buffer.from('345')), [])
  t.equal(splitter.pendingBytes, 0, 'nothing of it is held')
  t.strictSame(splitter.push(Buffer.from('6\nok\n')), ['ok'])
  t.equal(splitter.overlong, 1)
})

t.test('latin1 keeps each byte', async (t) => {
  t.strictSame(lineSplitter(10, 'latin1').push(Buffer.from([0xff, 0x00, 0x0a])), ['\u00ff\u0000'])
})

t.test('properties', async (t) => {
  const bytes = fc.array(fc.constantFrom(0x61, 0x0a, 0x0d, 0xc3, 0xa9, 0x00), { maxLength: 60 })
  const cut = fc.property(bytes, fc.array(fc.nat(9), { maxLength: 12 }), (text, sizes) => {
    const whole = Uint8Array.from(text)
    const chunks: Uint8Array[] = []
    let from = 0
    for (const size of [...sizes, whole.length]) {
      chunks.push(whole.subarray(from, from + size))
      from += size
    }
    t.strictSame(all(lineSplitter(), chunks), all(lineSplitter(), [whole]))
  })
  holds(t, 'wherever the bytes are split, the lines are the same', cut)

  const bounded = fc.property(bytes, fc.array(fc.nat(9), { maxLength: 12 }), (text, sizes) => {
    const whole = Buffer.from(text)
    const [one, many] = [lineSplitter(5, 'latin1'), lineSplitter(5, 'latin1')]
    const lines: string[] = []
    let from = 0
    for (const size of [...sizes, whole.length]) {
      lines.push(...many.push(whole.subarray(from, from + size)))
      from += size
      t.ok(many.pendingBytes <= 5)
    }
    t.strictSame(lines, one.push(whole))
    t.equal(many.overlong, one.overlong)
    t.ok(lines.every((line) => line.length <= 5))
  })
  holds(t, 'never holds more than it may, and gives up the same lines', bounded)
})

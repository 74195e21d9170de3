import fc from 'fast-check'
import t from 'tap'
import { bytesText, clip, isoTime, printable } from '../../../agent/alert/text.ts'
import { holds } from '../../support/holds.ts'

t.test('bytes as a person says them', async (t) => {
  const cases: Record<string, number> = {
    '0 B': 0,
    '512 B': 512,
    '1 KB': 1_024,
    '1.5 KB': 1_536,
    '64 KB': 65_536,
    '1 MB': 1_048_575,
    '12 GB': 12 * 1_024 ** 3,
  }
  for (const [text, bytes] of Object.entries(cases)) t.equal(bytesText(bytes), text)
})

t.test('an instant beyond the calendar is its nearest', async (t) => {
  t.equal(isoTime(Number.NaN), '1970-01-01T00:00:00.000Z')
  t.equal(isoTime(1e300), '+275760-09-13T00:00:00.000Z')
})

t.test('what is cut says so, and half a pair is replaced', async (t) => {
  t.equal(clip('abcdef', 6), 'abcdef')
  t.equal(clip('abcdefg', 6), 'abc…')
  t.equal(clip('\ud800', 6), '\u{FFFD}')
})

t.test('properties', async (t) => {
  const any = fc.string({ unit: 'binary', maxLength: 200 })
  const bounded = fc.property(any, fc.nat(100), (text, most) => {
    return Buffer.byteLength(JSON.stringify(clip(text, most))) - 2 <= most
  })
  holds(t, 'never more bytes of JSON than asked for', bounded)
  const whole = fc.property(any, (text) => clip(text, 2_000) === text.toWellFormed())
  holds(t, 'what fits is untouched', whole)
  const plain = fc.property(any, (text) => !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(printable(text)))
  holds(t, 'a sentence cannot command a terminal', plain)
})

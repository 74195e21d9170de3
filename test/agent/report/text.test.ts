import fc from 'fast-check'
import t from 'tap'
import {
  agoText,
  bytesText,
  clean,
  countText,
  displayWidth,
  durationText,
  painted,
  plain,
  timeText,
  truncate,
  truncateMiddle,
  wrapped,
} from '../../../agent/report/text.ts'
import { holds } from '../../support/holds.ts'

t.test('what a terminal would obey is spelled out', async (t) => {
  t.equal(clean('a\u001b[31mb'), 'a\\x1b[31mb')
  t.equal(clean('a\nb\tc\r'), 'a\\nb\\tc\\r')
  t.equal(clean('\u009b1A\u007f'), '\\x9b1A\\x7f')
  t.equal(clean('evil\u202etxt.sh'), 'evil\\u{202e}txt.sh')
  t.equal(clean('\ud800'), '\\u{d800}')
  t.equal(clean('/opt/größe/日本 x'), '/opt/größe/日本 x')
})

t.test('counts columns, not characters', async (t) => {
  const widths = { abc: 3, größe: 5, 日本: 4, 'e\u0301': 1, '👍': 2, '': 0 }
  for (const [text, width] of Object.entries(widths)) t.equal(displayWidth(text), width, text)
})

t.test('shortens with an ellipsis', async (t) => {
  t.equal(truncate('backup.sh', 9), 'backup.sh')
  t.equal(truncate('backup.sh', 5), 'back…')
  t.equal(truncate('日本語', 4), '日…')
  t.equal(truncate('abc', 0), '')
  t.equal(truncateMiddle('/opt/jobs/backup.sh', 11), '/opt/…up.sh')
})

t.test('durations in the two largest units', async (t) => {
  const texts: [number, string][] = [
    [0, '0 ms'],
    [950, '950 ms'],
    [42_000, '42 s'],
    [60_000, '1 min'],
    [200 * 60_000, '3 h 20 min'],
    [(12 * 24 + 4) * 3_600_000, '12 d 4 h'],
    [86_400_000 + 1_000, '1 d'],
  ]
  for (const [ms, text] of texts) t.equal(durationText(ms), text)
})

t.test('bytes in three digits', async (t) => {
  const texts: [number, string][] = [
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [10_200, '10 KiB'],
    [1_048_575, '1.0 MiB'],
    [256 * 1024 ** 2, '256 MiB'],
  ]
  for (const [bytes, text] of texts) t.equal(bytesText(bytes), text)
})

t.test('counts, times and distances', async (t) => {
  t.equal(countText(1_234_567), '1,234,567')
  t.equal(countText(999), '999')
  t.equal(timeText(Date.UTC(2026, 10, 24, 18, 30, 5)), '2026-11-24 18:30:05Z')
  t.equal(timeText(Number.NaN), 'unknown time')
  t.equal(agoText(0, 180_000), '3 min ago')
  t.equal(agoText(0, 200 * 60_000), '3 h ago')
  t.equal(agoText(20_000, 0), 'in 20 s')
  t.equal(agoText(5, 0), 'now')
})

t.test('paints only when asked to', async (t) => {
  t.equal(plain('red', 'x'), 'x')
  t.equal(painted('red', 'x'), '\u001b[31mx\u001b[39m')
})

t.test('properties', async (t) => {
  const anyText = fc.string({ unit: 'binary' })
  const safe = fc.property(
    anyText,
    (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(clean(text)),
  )
  holds(t, 'clean text has nothing that a terminal obeys', safe)
  const fits = fc.property(anyText, fc.nat(40), (text, width) => {
    const cleaned = clean(text)
    return [truncate(cleaned, width), truncateMiddle(cleaned, width)].every(
      (short) => displayWidth(short) <= width,
    )
  })
  holds(t, 'shortened text fits', fits)
})

t.test('a long line is cut between words, and goes on indented', async (t) => {
  t.strictSame(wrapped('one two three four', 9), ['one two', '  three', '  four'])
  t.strictSame(wrapped('one two', Number.POSITIVE_INFINITY), ['one two'])
  t.strictSame(wrapped('averylongword x', 4), ['averylongword', '  x'])
})

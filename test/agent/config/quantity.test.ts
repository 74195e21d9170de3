import fc from 'fast-check'
import t from 'tap'
import { parseDuration, parseSize } from '../../../agent/config/quantity.ts'
import { holds } from '../../support/holds.ts'

t.test('reads durations', async (t) => {
  const reads = { '0s': 0, '500ms': 500, '5s': 5_000, '1h30m': 5_400_000, '30d': 2_592_000_000 }
  for (const [text, ms] of Object.entries(reads)) t.equal(parseDuration(text), ms, text)
  t.equal(parseDuration('2w'), 14 * 86_400_000)
})

t.test('reads sizes', async (t) => {
  const reads = { '0B': 0, '12B': 12, '4KiB': 4_096, '256MiB': 268_435_456, '2GiB': 2_147_483_648 }
  for (const [text, bytes] of Object.entries(reads)) t.equal(parseSize(text), bytes, text)
})

t.test('refuses what has no unit, an unknown one, a sign or a fraction', async (t) => {
  for (const text of ['', '5', '5 s', '-5s', '1.5h', 's', '5S', '5y', '1h 5m']) {
    t.equal(parseDuration(text), undefined, text)
  }
  for (const text of ['', '5', '5MB', '5M', '-1B', '1.5GiB', '5 MiB', '5mib']) {
    t.equal(parseSize(text), undefined, text)
  }
})

t.test('properties', async (t) => {
  const unit = fc.constantFrom<[string, number]>(['s', 1e3], ['m', 6e4], ['h', 36e5], ['d', 864e5])
  const reads = fc.property(fc.nat(99_999), unit, (count, [name, ms]) => {
    return parseDuration(`${count}${name}`) === count * ms
  })
  holds(t, 'a count and a unit are their product', reads)
  const total = fc.property(fc.string(), (text) => {
    const values = [parseDuration(text), parseSize(text)]
    return values.every((value) => value === undefined || Number.isSafeInteger(value))
  })
  holds(t, 'never throws, and gives a whole number or nothing', total)
})

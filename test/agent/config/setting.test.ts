import t from 'tap'
import {
  choice,
  count,
  destinations,
  duration,
  path,
  paths,
  patterns,
  size,
  words,
} from '../../../agent/config/setting.ts'

t.test('a value at either end of the range is in it', async (t) => {
  const number = count(5, { min: 1, max: 9, unit: 'beats' }, 'because')
  for (const value of [1, 9, undefined]) t.ok(number.safeParse(value).success, String(value))
  for (const value of [0, 10, 1.5, '5', Number.NaN]) t.notOk(number.safeParse(value).success)
  const time = duration('1m', ['1s', '1h'], 'because')
  t.strictSame(time.parse(undefined), { ms: 60_000 })
  for (const value of ['1s', '60m']) t.ok(time.safeParse(value).success, value)
  for (const value of ['999ms', '61m', 60]) t.notOk(time.safeParse(value).success)
  const room = size('1MiB', ['1KiB', '1GiB'], 'because')
  t.strictSame(room.parse('2KiB'), { bytes: 2_048 })
  for (const value of ['1023B', '2GiB']) t.notOk(room.safeParse(value).success)
})

t.test('a choice is one of its words', async (t) => {
  const color = choice(['red', 'blue'], 'blue', 'because')
  t.equal(color.parse(undefined), 'blue')
  t.notOk(color.safeParse('green').success)
})

t.test('a path is absolute, and has no NUL', async (t) => {
  const file = path('because')
  t.equal(file.parse(undefined), undefined)
  t.ok(file.safeParse('/etc/key').success)
  for (const value of ['key', '', './key', '/a\0b']) t.notOk(file.safeParse(value).success, value)
  t.strictSame(paths(['/a'], 'because').parse(undefined), ['/a'])
})

t.test('a list is bounded, and holds no empty text', async (t) => {
  const names = words([], 'names', 'because')
  t.ok(names.safeParse(['root', '0']).success)
  t.notOk(names.safeParse(['']).success)
  t.notOk(names.safeParse(Array.from({ length: 1_001 }, () => 'x')).success)
  t.notOk(patterns([], 'because').safeParse(Array.from({ length: 65 }, () => 'x')).success)
})

t.test('a destination is an address, a network or a domain', async (t) => {
  const list = destinations('because')
  for (const text of [
    '192.0.2.1',
    '::1',
    '10.0.0.0/8',
    'fd00::/8',
    'a.example',
    '*.a.example',
    'nas',
  ]) {
    t.ok(list.safeParse([text]).success, text)
  }
  for (const text of ['192.0.2', '192.0.2.300', '10.0.0.0/33', ':::1', 'a..b', '*', '-', 'a b']) {
    t.notOk(list.safeParse([text]).success, text)
  }
})

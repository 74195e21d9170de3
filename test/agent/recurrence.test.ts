import fc from 'fast-check'
import t from 'tap'
import { recurrence as byHash, hashOf } from '../../agent/recurrence.ts'
import { holds } from '../support/holds.ts'

const MINUTE_MS = 60_000

function recurrence() {
  const { see } = byHash()
  return { see: (name: string, atMs: number) => see(hashOf(name), atMs) }
}

t.test('what comes in a second minute recurs, and from then on', async (t) => {
  const seen = recurrence()
  t.notOk(seen.see('/a', 0))
  t.notOk(seen.see('/a', 59_999), 'still the first minute')
  t.ok(seen.see('/a', MINUTE_MS))
  t.ok(seen.see('/a', MINUTE_MS))
  t.notOk(seen.see('/b', MINUTE_MS), 'another does not')
})

t.test(
  'a flood of names does not push out one that is known, and few of it are taken for known',
  async (t) => {
    const seen = recurrence()
    for (const minute of [0, 1]) seen.see('/beacon', minute * MINUTE_MS)
    let taken = 0
    for (let i = 0; i < 1_000_000; i++) {
      if (seen.see(`/tmp/${i}`, 2 * MINUTE_MS + i)) taken++
    }
    t.ok(seen.see('/beacon', 20 * MINUTE_MS))
    t.ok(taken < 1_000, `${taken} of a million`)
  },
)

t.test('what came once is remembered as long as its place is not needed', async (t) => {
  const seen = recurrence()
  const names = Array.from({ length: 1_000 }, (_, i) => `/job/${i}`)
  for (const name of names) seen.see(name, 0)
  for (let i = 0; i < 50_000; i++) seen.see(`/tmp/${i}`, MINUTE_MS)
  const left = names.filter((name) => seen.see(name, 5 * MINUTE_MS)).length
  t.ok(left > 750 && left < 900, `${left} of 1000, as 2^18 places have it`)
})

t.test('properties', async (t) => {
  const known = fc.property(fc.string(), fc.nat(2 ** 31), (name, minute) => {
    const seen = recurrence()
    seen.see(name, minute * MINUTE_MS)
    return seen.see(name, (minute + 1) * MINUTE_MS) && seen.see(name, (minute + 9) * MINUTE_MS)
  })
  holds(t, 'any name is known from its second minute', known)
})

t.test('a name behind another is another than each', async (t) => {
  const names = [hashOf('a'), hashOf('b'), hashOf('b', hashOf('a')), hashOf('a', hashOf('b'))]
  t.equal(new Set(names).size, 4)
})

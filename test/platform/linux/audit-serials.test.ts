import fc from 'fast-check'
import t from 'tap'
import { serialTracker } from '../../../platform/linux/audit-serials.ts'
import { holds } from '../../support/holds.ts'

const PATIENCE_MS = 2_000
/** Sees the serials a millisecond apart, and tells how many never came. */
function missed(serials: readonly number[]): number {
  const tracker = serialTracker(PATIENCE_MS)
  for (const [atMs, serial] of serials.entries()) tracker.see(serial, atMs)
  return tracker.end().reduce((sum, { count }) => sum + count, 0)
}

t.test('numbers one by one are no hole', async (t) => {
  t.equal(missed([7, 8, 8, 9]), 0)
})

t.test('a hole is told when it is old, with its span', async (t) => {
  const tracker = serialTracker(PATIENCE_MS)
  tracker.see(49, 1_000)
  tracker.see(59, 3_000)
  t.strictSame(tracker.expire(4_000), [])
  t.strictSame(tracker.expire(5_001), [{ count: 9, fromMs: 1_000, toMs: 3_000 }])
  t.strictSame(tracker.expire(9_000), [], 'once')
})

t.test('a number that comes late fills its hole', async (t) => {
  t.equal(missed([1, 4, 3, 2, 5]), 0)
  t.equal(missed([1, 6, 3]), 3)
})

t.test('the numbering rolls over', async (t) => {
  t.equal(missed([0xffff_fffe, 0xffff_ffff, 0, 1]), 0)
  t.equal(missed([0xffff_fffe, 1]), 2)
  t.equal(missed([0xffff_fffe, 1, 0, 0xffff_ffff]), 0)
})

t.test('a new boot counts anew, and that is no hole', async (t) => {
  const tracker = serialTracker(PATIENCE_MS)
  tracker.see(9_000, 1_000)
  tracker.see(1, 60_000)
  tracker.see(2, 60_000)
  t.strictSame(tracker.end(), [])
})

t.test('many holes are believed early, and bound the memory', async (t) => {
  const tracker = serialTracker(PATIENCE_MS)
  for (let serial = 0; serial < 6_000; serial += 2) tracker.see(serial, 1_000)
  t.equal(tracker.expire(1_000).length, 2_999 - 1_024)
})

t.test('properties', async (t) => {
  const anyOrder = fc.shuffledSubarray(
    Array.from({ length: 60 }, (_, i) => i + 1),
    { minLength: 1 },
  )
  const counts = fc.property(anyOrder, fc.nat(0xffff_ffff), (order, base) => {
    // Known before and behind, so that every number in between is either seen or missed.
    const serials = [0, ...order, 61].map((serial) => (base + serial) >>> 0)
    return missed(serials) === 60 - order.length
  })
  holds(t, 'what is neither seen nor late is missed, in any order', counts)
})

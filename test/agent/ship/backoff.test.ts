import fc from 'fast-check'
import t from 'tap'
import { backoffMs } from '../../../agent/ship/backoff.ts'
import { holds } from '../../support/holds.ts'

const options = { minMs: 1_000, maxMs: 60_000 }

t.test('the longest wait doubles with each failure, up to a bound', async (t) => {
  const waits = [1, 2, 3, 7, 99_999].map((failures) => backoffMs(failures, options, 1))
  t.strictSame(waits, [1_000, 2_000, 4_000, 60_000, 60_000])
})

t.test('properties', async (t) => {
  const random = fc.double({ min: 0, max: 1, noNaN: true })
  const within = fc.property(fc.integer({ min: 1 }), random, (failures, draw) => {
    const waitMs = backoffMs(failures, options, draw)
    return waitMs >= 500 && waitMs <= 60_000
  })
  holds(t, 'a wait is neither a storm nor longer than its bound', within)
  const spread = fc.property(fc.integer({ min: 2, max: 50 }), random, random, (failures, a, b) => {
    return (
      Math.sign(backoffMs(failures, options, a) - backoffMs(failures, options, b)) ===
        Math.sign(a - b) || Math.abs(a - b) < 1e-9
    )
  })
  holds(t, 'another draw is another wait', spread)
})

import fc from 'fast-check'
import t from 'tap'
import { NO_POINT, pointPool } from '../../../agent/hunt/point-pool.ts'
import { holds } from '../../support/holds.ts'

const point = (startMs: number) => ({
  startMs,
  sourcePort: 40_000,
  sentBytes: startMs % 2 === 0 ? 5 : undefined,
  receivedBytes: undefined,
})

t.test('gives back what it was given, the newest first', async (t) => {
  const pool = pointPool()
  const head = pool.add(pool.add(NO_POINT, point(1)), point(2))
  t.strictSame(pool.take(head), [point(2), point(1)])
  t.strictSame(pool.take(NO_POINT), [])
})

t.test('holds more than one block', async (t) => {
  const pool = pointPool()
  let head = NO_POINT
  for (let i = 0; i < 70_000; i++) head = pool.add(head, point(i))
  const points = pool.take(head)
  t.equal(points.length, 70_000)
  t.ok(points.every(({ startMs }, i) => startMs === 69_999 - i))
})

t.test('properties', async (t) => {
  const steps = fc.array(fc.tuple(fc.nat(3), fc.option(fc.nat(1_000))), { maxLength: 200 })
  const chainsStayApart = fc.property(steps, (all) => {
    const pool = pointPool()
    const heads = [NO_POINT, NO_POINT, NO_POINT, NO_POINT]
    const wanted: number[][] = [[], [], [], []]
    // No time is: take all of that chain, so that its places are used again.
    for (const [chain, startMs] of all) {
      if (startMs === null) {
        t.strictSame(
          pool.take(heads[chain] as number).map((one) => one.startMs),
          wanted[chain],
        )
        heads[chain] = NO_POINT
        wanted[chain] = []
      } else {
        heads[chain] = pool.add(heads[chain] as number, point(startMs))
        wanted[chain]?.unshift(startMs)
      }
    }
    const left = heads.map((head) => pool.take(head).map((one) => one.startMs))
    t.strictSame(left, wanted)
  })
  holds(t, 'chains stay apart, however places are used again', chainsStayApart)
})

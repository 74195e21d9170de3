import Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import { GapStore } from '../../storage/gap-store.ts'
import { migrate } from '../../storage/migrate.ts'
import { holds } from '../support/holds.ts'

function gapsOf(maxGaps: number): GapStore {
  const db = new Database(':memory:')
  migrate(db)
  return new GapStore(db, maxGaps)
}
const gap = (fromMs: number, toMs: number, reason = 'restart') => ({ fromMs, toMs, reason })

t.test('spans that overlap or touch become one, under the reason of the longest', async (t) => {
  const gaps = gapsOf(100)
  gaps.put([gap(10, 20, 'overrun'), gap(40, 50), gap(15, 30, 'unavailable'), gap(30, 32)])
  t.strictSame(gaps.since(0), [gap(10, 32, 'unavailable'), gap(40, 50)])
  t.strictSame(gaps.since(32), [gap(40, 50)])
})

t.test('a span without length is no gap', async (t) => {
  const gaps = gapsOf(100)
  gaps.put([gap(5, 5), gap(9, 7)])
  t.strictSame(gaps.since(0), [])
})

t.test('the oldest go when there are too many', async (t) => {
  const gaps = gapsOf(2)
  gaps.put([gap(50, 60), gap(10, 20), gap(30, 40)])
  t.strictSame(gaps.since(0), [gap(30, 40), gap(50, 60)])
})

t.test('properties', async (t) => {
  const span = fc
    .tuple(fc.nat(60), fc.integer({ min: 1, max: 9 }))
    .map(([at, n]) => gap(at, at + n))
  const union = fc.property(fc.array(span, { maxLength: 20 }), (spans) => {
    const gaps = gapsOf(100)
    gaps.put(spans)
    const stored = gaps.since(-1)
    const isIn = (ms: number, of: readonly { fromMs: number; toMs: number }[]) =>
      of.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)
    const isSame = Array.from({ length: 80 }, (_, ms) => isIn(ms, spans) === isIn(ms, stored))
    const isApart = stored.every(({ fromMs }, i) => fromMs > (stored[i - 1]?.toMs ?? -1))
    return isSame.every(Boolean) && isApart
  })
  holds(t, 'what is stored is their union, disjoint and ascending', union)
})

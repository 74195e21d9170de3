import fc from 'fast-check'
import t from 'tap'
import {
  clamp,
  clusterNats,
  logistic,
  pValueOf,
  quantile,
  surpriseNats,
} from '../../../agent/detect/stats.ts'
import { holds } from '../../support/holds.ts'

t.test('a quantile lies between order statistics', async (t) => {
  t.equal(quantile([1, 2, 3, 4], 0.5), 2.5)
  t.equal(quantile([7], 0.9), 7)
})

t.test('surprise is the exponent of the binomial tail', async (t) => {
  t.equal(surpriseNats(10, 10, 1 / Math.E), 10, 'ten of ten at 1/e each')
  t.equal(surpriseNats(3, 10, 0.3), 0, 'as often as expected is no surprise')
  t.equal(surpriseNats(1, 10, 0.3), 0, 'nor is less')
  t.equal(surpriseNats(0, 0, 0.3), 0)
})

t.test('a tight cluster of few points is surprising, a loose one is not', async (t) => {
  const span = 5_400_000
  const tight = Float64Array.of(0, 20_000, 50_000, 90_000, 120_000)
  t.ok(clusterNats(tight, span) > 9)
  t.equal(
    clusterNats(
      tight.map((at) => at * 40),
      span,
    ),
    0,
  )
})

t.test('properties', async (t) => {
  const share = fc.double({ min: 0.001, max: 0.999, noNaN: true })
  const bounded = fc.property(fc.nat(500), fc.nat(500), share, (hits, more, chance) => {
    const nats = surpriseNats(hits, hits + more, chance)
    const p = pValueOf(nats)
    return nats >= 0 && p >= 0 && p <= 1
  })
  holds(t, 'surprise is finite and never negative', bounded)
  const within = fc.property(
    fc.double({ noNaN: true }),
    (x) => clamp(logistic(x), 0, 1) === logistic(x),
  )
  holds(t, 'the logistic is a probability', within)
})

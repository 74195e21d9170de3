import fc from 'fast-check'
import t from 'tap'
import { dueBook, isDue, sweep } from '../../../agent/detect/due.ts'
import { holds } from '../../support/holds.ts'

t.test('small series are due with each run, large ones with a tenth more', async (t) => {
  t.equal(isDue(undefined, 3, 0), true)
  t.equal(isDue({ totalObservations: 5 }, 6, 0), true)
  t.equal(isDue({ totalObservations: 5 }, 5, 0), false)
  t.equal(isDue({ totalObservations: 100 }, 109, 0), false)
  t.equal(isDue({ totalObservations: 100 }, 110, 0), true)
})

t.test('a beat that does not come makes its series due, once', async (t) => {
  const book = dueBook()
  book.assessed('a', 10, { periodMs: 60_000, nextMs: 1_000_000, toleranceMs: 5000 })
  book.tick(1_100_000)
  t.equal(book.isDue('a'), false)
  book.tick(1_125_000)
  t.equal(book.isDue('a'), true)
  t.equal(book.take(), 'a')
  book.tick(9_000_000)
  t.equal(book.dueCount, 0)
})

t.test('the one that waits longest goes first, and a dropped series is forgotten', async (t) => {
  const book = dueBook()
  for (const key of ['a', 'b', 'c']) book.observed(key, 5)
  book.forget('b')
  t.equal(book.take(), 'a')
  t.equal(book.take(), 'c')
  t.equal(book.take(), undefined)
})

t.test('a sweep keeps to its budget and goes on where it stopped', async (t) => {
  const book = dueBook()
  for (let i = 0; i < 100; i++) book.observed(`s${i}`, 5)
  let nowMs = 0
  const seen: string[] = []
  const work = (key: string) => {
    seen.push(key)
    book.assessed(key, 5)
    nowMs += 3
  }
  t.equal(
    sweep(book, work, 20, () => nowMs),
    7,
    'ends with the first series past 20 ms',
  )
  while (book.dueCount > 0) sweep(book, work, 20, () => nowMs)
  t.equal(new Set(seen).size, 100)
})

t.test('properties', async (t) => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(50), fc.boolean()))
  const consistent = fc.property(steps, (all) => {
    const book = dueBook()
    for (const [key, total, isAssessed] of all) {
      if (isAssessed) book.assessed(key, total)
      else book.observed(key, total)
      if (isAssessed && book.isDue(key)) return false
    }
    return book.dueCount <= 3
  })
  holds(t, 'what was just assessed is not due', consistent)
})

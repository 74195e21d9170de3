import t from 'tap'
import { sleepRhythm } from '../../../agent/detect/sleep-rhythm.ts'
import { MONDAY, sleeping, viewed } from '../../support/series.ts'

const HOUR = 3_600_000

t.test('says how often, how steadily and when next', async (t) => {
  const times = sleeping(60, 300_000, 0.1)
  const found = sleepRhythm(viewed(times))
  t.match(found, { model: 'sleep', beats: 60, share: 1, missedRatio: 0 })
  t.ok(Math.abs((found?.next.atMs ?? 0) - (times.at(-1) ?? 0) - 300_000) < 30_000)
})

t.test('counts the beats that were missed', async (t) => {
  const found = sleepRhythm(viewed(sleeping(100, 60_000, 0.02).filter((_, i) => i % 5 !== 2)))
  t.ok(Math.abs((found?.missedRatio ?? 0) - 0.2) < 0.03, `${found?.missedRatio}`)
})

t.test('spacings of a day are the calendar’s', async (t) => {
  t.equal(sleepRhythm(viewed(sleeping(20, 24 * HOUR, 0.01))), undefined)
})

t.test('a rhythm of hours that rests at night is a person’s', async (t) => {
  const times = Array.from({ length: 30 }, (_, day) =>
    [9, 13, 17].map((h) => MONDAY + (day * 24 + h) * HOUR + ((day * h * 977_777) % (HOUR * 0.7))),
  ).flat()
  const awake = sleepRhythm(viewed(times))?.nats ?? 0
  const all = sleepRhythm(viewed(sleeping(90, 4 * HOUR, 0.15)))?.nats ?? 0
  t.ok(awake < all / 3, `${awake} against ${all} nats`)
})

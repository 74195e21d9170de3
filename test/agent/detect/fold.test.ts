import t from 'tap'
import { fold } from '../../../agent/detect/fold.ts'
import { random } from '../../bench/families/random.ts'
import { MONDAY, scattered, ticking } from '../../support/series.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

t.test('a window that every cycle hits stands out', async (t) => {
  const found = fold(Float64Array.from(ticking(40, HOUR, 60_000)), HOUR, HOUR / 32, false)
  t.ok((found?.hits ?? 0) >= 39)
  t.ok((found?.nats ?? 0) > 80)
})

t.test('a wrong period, and chance, do not', async (t) => {
  const wrong = fold(Float64Array.from(ticking(40, HOUR, 60_000)), 0.77 * HOUR, HOUR / 32, false)
  t.ok((wrong?.nats ?? 0) < 3)
  const chance = fold(Float64Array.from(scattered(400, HOUR)), HOUR, HOUR / 32, false)
  t.ok((chance?.nats ?? 0) < 3)
})

t.test('the same hour is a routine, the same minute is not', async (t) => {
  const seeded = random(3)
  const person = Array.from(
    { length: 30 },
    (_, i) => MONDAY + (i + 0.5) * DAY + seeded.between(-1, 1) * 0.75 * HOUR,
  )
  const job = Array.from(
    { length: 30 },
    (_, i) => MONDAY + (i + 0.5) * DAY + seeded.between(0, 1) * 60_000,
  )
  t.ok((fold(Float64Array.from(person), DAY, 720_000, true)?.nats ?? 9) < 3)
  t.ok((fold(Float64Array.from(job), DAY, 720_000, true)?.nats ?? 0) > 20)
})

t.test('a session counts once a cycle', async (t) => {
  const session = Array.from({ length: 200 }, (_, i) => MONDAY + i * 2000)
  t.ok((fold(Float64Array.from(session), HOUR, HOUR / 32, false)?.nats ?? 0) <= 0)
})

t.test('windows too wide or too many are not tried', async (t) => {
  t.equal(fold(Float64Array.of(1, 2), HOUR, HOUR, false), undefined)
  t.equal(fold(Float64Array.of(1, 2), DAY, 1000, false), undefined)
})

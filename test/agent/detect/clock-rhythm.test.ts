import t from 'tap'
import { clockRhythm } from '../../../agent/detect/clock-rhythm.ts'
import { scattered, sleeping, ticking, viewed } from '../../support/series.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

for (const [name, periodMs, lateMs] of [
  ['every 15 min', 15 * MINUTE, 3000],
  ['hourly', HOUR, 20 * MINUTE],
  ['every 6 h', 6 * HOUR, 2 * MINUTE],
  ['every 7 min', 7 * MINUTE, 2000],
] as const) {
  t.test(`finds ${name}`, async (t) => {
    const found = clockRhythm(viewed(ticking(100, periodMs, lateMs)))
    t.match(found, { model: 'clock', form: name })
    t.ok((found?.nats ?? 0) > 20)
    t.ok(Math.abs((found?.periodMs ?? 0) - periodMs) < 100)
  })
}

t.test('keeps the hour of the local clock over daylight saving', async (t) => {
  const start = Date.UTC(2026, 2, 20)
  const change = Date.UTC(2026, 2, 29, 1)
  const times = Array.from({ length: 90 }, (_, i) => start + i * 4 * HOUR).map((at) =>
    at > change ? at - HOUR : at,
  )
  t.match(clockRhythm(viewed(times, 'Europe/Berlin')), { form: 'every 4 h', share: 1 })
})

t.test('a sleeping beacon and chance keep no grid', async (t) => {
  t.ok((clockRhythm(viewed(sleeping(300, 5 * MINUTE, 0.3)))?.nats ?? 0) < 5)
  t.ok((clockRhythm(viewed(scattered(300, 5 * MINUTE)))?.nats ?? 0) < 5)
})

import t from 'tap'
import { visibleMs } from '../../../agent/detect/rhythm.ts'
import { MONDAY, viewed } from '../../support/series.ts'

const HOUR = 3_600_000
const gap = { fromMs: MONDAY + 5 * HOUR, toMs: MONDAY + 7 * HOUR, reason: 'restart' }

t.test('a spacing across a blind span is unknown', async (t) => {
  const view = viewed(
    [0, 1, 2, 4, 8, 9].map((h) => MONDAY + h * HOUR),
    'UTC',
    [gap],
  )
  t.strictSame(
    [...view.spacings],
    [1, 1, 2, 1].map((h) => h * HOUR),
  )
  t.equal(visibleMs(view, MONDAY, MONDAY + 10 * HOUR), 8 * HOUR)
})

t.test('local time follows daylight saving', async (t) => {
  const march = Date.UTC(2026, 2, 28, 1, 30)
  const view = viewed([march, march + 24 * HOUR], 'Europe/Berlin')
  t.equal(view.offsetChanges, true)
  t.equal(
    (view.local[1] ?? 0) - (view.local[0] ?? 0),
    25 * HOUR,
    'the day of the change has an hour less of UTC',
  )
  t.equal(viewed([march], 'UTC').offsetChanges, false)
})

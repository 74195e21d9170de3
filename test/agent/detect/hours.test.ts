import t from 'tap'
import { clockRhythm } from '../../../agent/detect/clock-rhythm.ts'
import { hoursOf } from '../../../agent/detect/hours.ts'
import { MONDAY, ticking, viewed } from '../../support/series.ts'

const HOUR = 3_600_000

t.test('office hours are said, and the nights are no missed beats', async (t) => {
  const times = ticking(14 * 48, HOUR / 2, 2000).filter((at) => {
    const hour = ((at - MONDAY) / HOUR) % 168
    return hour < 120 && hour % 24 >= 8 && hour % 24 < 18.2
  })
  const view = viewed(times)
  const rhythm = clockRhythm(view)
  t.ok(rhythm)
  const hours = rhythm && hoursOf(view, rhythm)
  t.equal(hours?.form, 'Mon to Fri 08:00 to 18:00')
  t.ok((hours?.missedRatio ?? 1) < 0.05)
})

t.test('a job that never rests keeps no hours', async (t) => {
  const view = viewed(ticking(500, HOUR / 2, 2000))
  const rhythm = clockRhythm(view)
  t.ok(rhythm)
  t.equal(rhythm && hoursOf(view, rhythm), undefined)
})

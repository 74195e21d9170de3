import fc from 'fast-check'
import t from 'tap'
import {
  clockTime,
  daysForm,
  everyForm,
  monthDaysForm,
  officeForm,
  plusMinus,
  spoken,
} from '../../../agent/detect/form.ts'
import { holds } from '../../support/holds.ts'

const MINUTE = 60_000
const said: Record<string, number> = {
  'every 5 s': 5000,
  'every 90 s': 90_000,
  'every minute': MINUTE,
  'every 15 min': 15 * MINUTE,
  'every 4 min 30 s': 4.5 * MINUTE,
  hourly: 60 * MINUTE,
  'every 2 h 30 min': 150 * MINUTE,
  'every 6 h': 360 * MINUTE,
  'every 250 ms': 250,
}
for (const [form, ms] of Object.entries(said)) {
  t.test(`says "${form}"`, async (t) => t.equal(everyForm(ms), form))
}

t.test('says days and times', async (t) => {
  t.equal(daysForm([0, 1, 2, 3, 4, 5, 6]), 'daily')
  t.equal(daysForm([0, 1, 2, 3, 4]), 'weekdays')
  t.equal(daysForm([1]), 'every Tue')
  t.equal(daysForm([0, 2, 4]), 'Mon, Wed and Fri')
  t.equal(clockTime(150 * MINUTE), '02:30')
  t.equal(plusMinus(4 * MINUTE), ' ± 4 min')
  t.equal(plusMinus(9000), '')
  t.equal(officeForm([0, 1, 2, 3, 4], 480 * MINUTE, 1080 * MINUTE), 'Mon to Fri 08:00 to 18:00')
  t.equal(monthDaysForm([1, 15]), 'days 1 and 15 of the month')
})

t.test('properties', async (t) => {
  const whole = fc.property(fc.double({ min: 1, max: 1e11, noNaN: true }), (ms) =>
    /^\d+ (ms|s|min|h|days)( \d+ (s|min|h))?$/.test(spoken(ms)),
  )
  holds(t, 'any span is one or two whole numbers with units', whole)
})

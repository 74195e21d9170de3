import t from 'tap'
import { calendarRhythm } from '../../../agent/detect/calendar-rhythm.ts'
import { utcOf } from '../../bench/families/family.ts'
import { random } from '../../bench/families/random.ts'
import { MONDAY, viewed } from '../../support/series.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const berlin = (localMs: number) => utcOf(localMs, 'Europe/Berlin')
const days = (count: number, every = 1) =>
  Array.from({ length: count }, (_, i) => MONDAY + i * every * DAY)
const at0230 = (days: readonly number[]) =>
  days.map((day, i) => berlin(day + 2.5 * HOUR + ((i * 37) % 100) * 1000))

t.test('a daily job keeps its local time over daylight saving', async (t) => {
  const found = calendarRhythm(
    viewed(at0230(days(40).map((day) => day + 12 * HOUR)), 'Europe/Berlin'),
  )
  t.match(found, {
    model: 'calendar',
    form: 'daily 14:31 Europe/Berlin ± 60 s',
    beats: 40,
    coverage: 1,
  })
})

t.test('five days are enough, three are not', async (t) => {
  t.ok((calendarRhythm(viewed(at0230(days(5)), 'Europe/Berlin'))?.nats ?? 0) > 6.5)
  t.ok((calendarRhythm(viewed(at0230(days(3)), 'Europe/Berlin'))?.nats ?? 99) < 6.5)
})

t.test('weekdays, chosen days, weeks and months are told apart', async (t) => {
  const form = (times: readonly number[]) => calendarRhythm(viewed(times, 'Europe/Berlin'))?.form
  const weekday = (day: number) => ((day - MONDAY) / DAY) % 7
  t.match(form(at0230(days(28).filter((day) => weekday(day) < 5))), /^weekdays 02:3/)
  t.match(
    form(at0230(days(28).filter((day) => [0, 2, 4].includes(weekday(day))))),
    /^Mon, Wed and Fri 02:3/,
  )
  t.match(form(at0230(days(6, 7))), /^every Mon 02:3/)
  const firsts = Array.from({ length: 6 }, (_, month) => Date.UTC(2026, month, 1))
  t.match(form(at0230(firsts)), /^day 1 of the month 02:3/)
})

t.test('the next beat of a weekday job skips the week’s end', async (t) => {
  const found = calendarRhythm(
    viewed(at0230(days(26).filter((_, i) => i % 7 < 5)), 'Europe/Berlin'),
  )
  const next = new Date(found?.next.atMs ?? 0).toISOString()
  t.match(next, /^2026-03-30T00:3/, 'Monday 02:30 in summer time')
})

t.test('a person who comes each day at the same hour does not pass', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const chance = random(seed)
    const times = days(30).map((day) => berlin(day + 9 * HOUR + chance.between(-45, 45) * 60_000))
    t.ok((calendarRhythm(viewed(times, 'Europe/Berlin'))?.nats ?? 0) < 6.5, `seed ${seed}`)
  }
})

import fc from 'fast-check'
import t from 'tap'
import { isPattern } from '../../../platform/schedule-times.ts'
import { parseXml } from '../../../platform/shared/xml.ts'
import { durationMs, timingOf } from '../../../platform/windows/task-trigger.ts'
import { holds } from '../../support/holds.ts'

const NOW = Date.UTC(2024, 5, 1)
const START = '<StartBoundary>2024-03-01T02:30:15</StartBoundary>'
const triggers = (xml: string) => {
  const document = parseXml(`<Triggers>${xml}</Triggers>`)
  return document.ok ? timingOf(document.value.children, NOW) : t.fail(document.reason)
}
const calendar = (rest: string, start = START) =>
  triggers(`<CalendarTrigger>${start}${rest}</CalendarTrigger>`)
const repetition = (interval: string, duration = '') =>
  `<Repetition><Interval>${interval}</Interval>${duration && `<Duration>${duration}</Duration>`}</Repetition>`

t.test('calendars become patterns', async (t) => {
  const day = '<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>'
  const cases: readonly (readonly [xml: string, patterns: readonly string[]])[] = [
    [day, ['15 30 2 * * *']],
    [
      '<ScheduleByWeek><DaysOfWeek><Monday/><Friday/></DaysOfWeek></ScheduleByWeek>',
      ['15 30 2 * * 1,5'],
    ],
    ['<ScheduleByWeek><WeeksInterval>1</WeeksInterval></ScheduleByWeek>', ['15 30 2 * * 5']],
    [
      '<ScheduleByMonth><DaysOfMonth><Day>1</Day><Day>15</Day></DaysOfMonth><Months><January/><July/></Months></ScheduleByMonth>',
      ['15 30 2 1,15 1,7 *'],
    ],
    [
      '<ScheduleByMonth><DaysOfMonth><Day>Last</Day></DaysOfMonth></ScheduleByMonth>',
      ['15 30 2 L * *'],
    ],
    [
      '<ScheduleByMonthDayOfWeek><Weeks><Week>2</Week><Week>Last</Week></Weeks><DaysOfWeek><Tuesday/></DaysOfWeek><Months><May/></Months></ScheduleByMonthDayOfWeek>',
      ['15 30 2 * 5 2#2,2#L'],
    ],
    [
      `${repetition('PT30M', 'PT2H')}${day}`,
      ['15 30 2', '15 0,30 3', '15 0 4'].map((c) => `${c} * * *`),
    ],
    [`${repetition('PT12H', 'PT23H')}${day}`, ['15 30 2,14 * * *']],
  ]
  for (const [xml, patterns] of cases) {
    t.strictSame(calendar(xml), { kind: 'calendar', patterns }, xml)
    for (const pattern of patterns) t.ok(isPattern(pattern), pattern)
  }
})

t.test('what repeats past midnight each day goes round', async (t) => {
  const day = '<ScheduleByDay/>'
  const start = '<StartBoundary>2024-03-01T23:00:00</StartBoundary>'
  t.match(calendar(`${repetition('PT1H', 'PT3H')}${day}`, start), {
    patterns: ['0 0 0,1,23 * * *'],
  })
  const week = '<ScheduleByWeek><DaysOfWeek><Monday/></DaysOfWeek></ScheduleByWeek>'
  t.match(calendar(`${repetition('PT1H', 'PT3H')}${week}`, start), { patterns: ['0 0 23 * * 1'] })
})

t.test('what repeats without pause, or every few days, is an interval', async (t) => {
  const every = (everyMs: number) => ({ kind: 'interval', everyMs, since: 'start' })
  const minute = repetition('PT1M')
  t.strictSame(triggers(`<TimeTrigger>${minute}${START}</TimeTrigger>`), every(60_000))
  t.strictSame(triggers(`<BootTrigger>${minute}</BootTrigger>`), every(60_000))
  t.strictSame(calendar(`${repetition('PT1H', 'P1D')}<ScheduleByDay/>`), every(3_600_000))
  t.strictSame(
    calendar('<ScheduleByDay><DaysInterval>3</DaysInterval></ScheduleByDay>'),
    every(3 * 86_400_000),
  )
  const biweekly = (days: string) =>
    `<ScheduleByWeek><WeeksInterval>2</WeeksInterval><DaysOfWeek>${days}</DaysOfWeek></ScheduleByWeek>`
  t.strictSame(calendar(biweekly('<Monday/>')), every(14 * 86_400_000))
  t.equal(calendar(biweekly('<Monday/><Friday/>')), undefined)
})

t.test('a single time is an instant where its zone is told', async (t) => {
  const once = (boundary: string) =>
    triggers(`<TimeTrigger><StartBoundary>${boundary}</StartBoundary></TimeTrigger>`)
  const atMs = Date.UTC(2024, 2, 1, 2, 30, 15)
  t.strictSame(once('2024-03-01T02:30:15Z'), { kind: 'once', atMs })
  t.strictSame(once('2024-03-01T02:30:15.25+02:00'), { kind: 'once', atMs: atMs - 7_200_000 })
  const local = { kind: 'calendar', patterns: ['15 30 2 1 3 * 2024'] }
  t.strictSame(once('2024-03-01T02:30:15'), local)
  t.ok(isPattern('15 30 2 1 3 * 2024'))
  t.equal(once('soon'), undefined)
})

t.test('a calendar with an offset is told in UTC', async (t) => {
  const start = '<StartBoundary>2024-03-01T02:30:15-07:00</StartBoundary>'
  const want = { kind: 'calendar', patterns: ['15 30 9 * * *'], timeZone: 'UTC' }
  t.strictSame(calendar('<ScheduleByDay/>', start), want)
})

t.test('delays, and triggers that are switched off', async (t) => {
  const late = '<RandomDelay>PT10M</RandomDelay>'
  t.match(calendar(`${late}<ScheduleByDay/>`), { randomDelayMs: 600_000 })
  t.equal(calendar('<Enabled>false</Enabled><ScheduleByDay/>'), undefined)
})

t.test('a trigger that has ended counts no more', async (t) => {
  const until = (end: string) => calendar(`<EndBoundary>${end}</EndBoundary><ScheduleByDay/>`)
  t.equal(until('2024-05-30T00:00:00'), undefined)
  t.equal(until('2024-05-30T00:00:00+02:00'), undefined)
  t.match(until('2024-06-01T00:00:00'), { kind: 'calendar' }, 'today, in some zone')
  t.match(until('2025-01-01T00:00:00Z'), { kind: 'calendar' })
})

t.test('nothing foretells a boot, a logon, an event', async (t) => {
  for (const name of ['BootTrigger', 'LogonTrigger', 'EventTrigger', 'IdleTrigger']) {
    t.equal(triggers(`<${name}>${START}</${name}>`), undefined, name)
  }
  t.equal(triggers(''), undefined)
})

t.test('of several triggers, calendars are one rule and the shortest interval leads', async (t) => {
  const at = (hour: string) =>
    `<CalendarTrigger><StartBoundary>2024-03-01T${hour}:00:00</StartBoundary><ScheduleByDay/></CalendarTrigger>`
  const boot = `<BootTrigger>${START}</BootTrigger>`
  t.strictSame(triggers(boot + at('08') + at('20')), {
    kind: 'calendar',
    patterns: ['0 0 8 * * *', '0 0 20 * * *'],
  })
  const every = (interval: string) => `<TimeTrigger>${repetition(interval)}</TimeTrigger>`
  t.match(triggers(at('08') + every('PT1H') + every('PT5M')), { everyMs: 300_000 })
})

t.test('durations', async (t) => {
  const cases = {
    PT1M: 60_000,
    PT1320M: 79_200_000,
    PT22H: 79_200_000,
    P1DT2H: 93_600_000,
    P1W: 604_800_000,
    PT1H41M: 6_060_000,
    PT10S: 10_000,
  }
  for (const [text, ms] of Object.entries(cases)) t.equal(durationMs(text), ms, text)
  t.equal(durationMs('1M'), undefined)
  t.equal(durationMs(undefined), undefined)
})

t.test('properties', async (t) => {
  const schedule = fc.constantFrom(
    '<ScheduleByDay/>',
    '<ScheduleByWeek><DaysOfWeek><Sunday/><Monday/></DaysOfWeek></ScheduleByWeek>',
    '<ScheduleByMonth><DaysOfMonth><Day>31</Day></DaysOfMonth></ScheduleByMonth>',
  )
  const minutes = fc.integer({ min: 1, max: 1439 })
  const patterns = fc.property(schedule, minutes, minutes, minutes, (rule, start, every, spell) => {
    const time = new Date(start * 60_000).toISOString().slice(11, 19)
    const boundary = `<StartBoundary>2024-03-01T${time}</StartBoundary>`
    const timing = calendar(repetition(`PT${every}M`, `PT${spell}M`) + rule, boundary)
    return (
      typeof timing === 'object' && timing.kind === 'calendar' && timing.patterns.every(isPattern)
    )
  })
  holds(t, 'every pattern is one that the clock reads', patterns)
})

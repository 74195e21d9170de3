import fc from 'fast-check'
import t from 'tap'
import { launchdTiming } from '../../../platform/macos/launchd-timing.ts'
import { fireTimes, isPattern } from '../../../platform/schedule-times.ts'
import { holds } from '../../support/holds.ts'

const calendar = (...patterns: readonly string[]) => ({ kind: 'calendar', patterns })
const every = (seconds: number) => ({ kind: 'interval', everyMs: seconds * 1000, since: 'start' })

const cases: Record<string, [Record<string, unknown>, unknown]> = {
  'a time of day': [{ StartCalendarInterval: { Hour: 2, Minute: 30 } }, calendar('0 30 2 * * *')],
  'a missing minute is each minute': [
    { StartCalendarInterval: { Hour: 2 } },
    calendar('0 * 2 * * *'),
  ],
  'no keys at all is each minute': [{ StartCalendarInterval: {} }, calendar('0 * * * * *')],
  'several rules, each once': [
    {
      StartCalendarInterval: [
        { Minute: 0, Weekday: 1 },
        { Minute: 0, Weekday: 5 },
        { Minute: 0, Weekday: 1 },
      ],
    },
    calendar('0 0 * * * 1', '0 0 * * * 5'),
  ],
  'Sunday is 0 and 7': [
    { StartCalendarInterval: [{ Weekday: 0 }, { Weekday: 7 }] },
    calendar('0 * * * * 0'),
  ],
  'a value out of range is a wildcard': [
    { StartCalendarInterval: { Hour: 25, Minute: 5, Weekday: '6-7', Day: 0, Month: 13 } },
    calendar('0 5 * * * *'),
  ],
  'an interval': [{ StartInterval: 3600 }, every(3600)],
  'an interval below ten seconds waits for the throttle': [{ StartInterval: 2 }, every(10)],
  'a throttle that the file sets': [{ StartInterval: 60, ThrottleInterval: 300 }, every(300)],
  'the calendar before the interval': [
    { StartInterval: 60, StartCalendarInterval: { Minute: 1 } },
    calendar('0 1 * * * *'),
  ],
  'kept alive with a throttle of its own': [{ KeepAlive: true, ThrottleInterval: 900 }, every(900)],
  'kept alive': [{ KeepAlive: true }, undefined],
  'kept alive on a condition': [
    { KeepAlive: { PathState: { '/x': true } }, ThrottleInterval: 900 },
    undefined,
  ],
  'no interval': [{ StartInterval: 0 }, undefined],
  'an interval of another kind': [{ StartInterval: '3600' }, undefined],
  'rules of another kind': [{ StartCalendarInterval: ['daily', 7] }, undefined],
  'at load only': [{ RunAtLoad: true }, undefined],
}
for (const [name, [job, timing]] of Object.entries(cases)) {
  t.test(name, async (t) => t.strictSame(launchdTiming(job), timing))
}

t.test('Day and Weekday together: either fires', async (t) => {
  const timing = launchdTiming({
    StartCalendarInterval: { Hour: 0, Minute: 0, Day: 2, Weekday: 1 },
  })
  // 2024-01-01 is a Monday, and Tuesday is the second.
  const times = timing && fireTimes(timing, Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 9), 'UTC', 9)
  t.strictSame(
    times,
    [1, 2, 8].map((day) => Date.UTC(2024, 0, day)),
  )
})

t.test('properties', async (t) => {
  const job = fc.dictionary(
    fc.constantFrom('StartInterval', 'StartCalendarInterval', 'KeepAlive', 'ThrottleInterval'),
    fc.anything(),
  )
  holds(
    t,
    'never throws',
    fc.property(job, (some) => void launchdTiming(some)),
  )
  const key = fc.constantFrom('Minute', 'Hour', 'Day', 'Month', 'Weekday')
  const rule = fc.dictionary(key, fc.oneof(fc.integer({ min: -2, max: 70 }), fc.string()))
  const valid = fc.property(fc.array(rule), (rules) => {
    const timing = launchdTiming({ StartCalendarInterval: rules })
    return timing?.kind !== 'calendar' || timing.patterns.every(isPattern)
  })
  holds(t, 'every pattern is one that can be computed', valid)
})

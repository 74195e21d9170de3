/**
 * When launchd starts a job, from the keys of its property list. Pure.
 *
 * A calendar rule fires at second 0; a key that is missing is a wildcard, and so is one that is out of
 * range or no number. Day and Weekday together: either fires. Runs that a sleeping Mac missed come as
 * one run when it wakes; an interval that it missed is not made up for.
 * @see https://keith.github.io/xcode-man-pages/launchd.plist.5.html
 */
import type { Timing } from '../event.ts'
import { type Fields, fieldsOf, wholeOf } from './json-fields.ts'

/** In the order of a cron pattern, behind the second. */
const CALENDAR_FIELDS = [
  { key: 'Minute', low: 0, high: 59 },
  { key: 'Hour', low: 0, high: 23 },
  { key: 'Day', low: 1, high: 31 },
  { key: 'Month', low: 1, high: 12 },
  // 0 and 7 are Sunday.
  { key: 'Weekday', low: 0, high: 7 },
] as const

/** launchd starts a job no sooner than this after its last start, unless the file says otherwise. */
const THROTTLE_S = 10

/** @returns undefined where nothing can be foretold: at load, on demand, on a path */
export function launchdTiming(job: Fields): Timing | undefined {
  const patterns = calendarPatterns(job['StartCalendarInterval'])
  // Of a job with both the calendar is told: a timing is one rule.
  if (patterns.length > 0) return { kind: 'calendar', patterns }
  const throttleS = wholeOf(job['ThrottleInterval'])
  const intervalS = wholeOf(job['StartInterval'])
  if (intervalS) return every(Math.max(intervalS, throttleS ?? THROTTLE_S))
  // A job that is kept alive and ends at once starts again with this rhythm; without the key nobody
  // can have meant it as one.
  if (job['KeepAlive'] === true && throttleS) return every(throttleS)
  return undefined
}

const every = (seconds: number): Timing => ({
  kind: 'interval',
  everyMs: seconds * 1000,
  since: 'start',
})

function calendarPatterns(value: unknown): readonly string[] {
  const rules = Array.isArray(value) ? value : [value]
  const patterns = rules.flatMap((rule) => {
    const fields = fieldsOf(rule)
    return fields === undefined ? [] : [patternOf(fields)]
  })
  return [...new Set(patterns)]
}

function patternOf(rule: Fields): string {
  const fields = CALENDAR_FIELDS.map(({ key, low, high }) => {
    const value = wholeOf(rule[key])
    if (value === undefined || value < low || value > high) return '*'
    return String(key === 'Weekday' ? value % 7 : value)
  })
  return `0 ${fields.join(' ')}`
}

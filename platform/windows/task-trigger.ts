/**
 * The triggers of a task of the Task Scheduler, as a `Timing`. Pure.
 *
 * A boundary without an offset is the host's own time: it becomes a calendar rule, never an instant,
 * so that no zone need be known here. What repeats without pause is an interval. Told by nothing: a
 * trigger that fires on a boot, a logon or an event, unless it repeats from then on; every second
 * week on several days; and of what repeats past midnight after some days only, the part after it.
 * https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema
 */
import type { EpochMs, Timing } from '../event.ts'
import { childOf, childText, type XmlElement } from '../shared/xml.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/**
 * When any of these triggers fires. Of several kinds, the one that fires most often: an interval
 * before a calendar, a calendar before a single time.
 *
 * @param nowMs triggers that ended before it count no more
 */
export function timingOf(triggers: readonly XmlElement[], nowMs: EpochMs): Timing | undefined {
  const timings = triggers
    .filter((trigger) => !hasEnded(trigger, nowMs))
    .flatMap((trigger) => triggerTiming(trigger) ?? [])
  const intervals = timings.filter((timing) => timing.kind === 'interval')
  if (intervals.length > 0) return intervals.reduce((a, b) => (b.everyMs < a.everyMs ? b : a))
  const [first, ...others] = timings.filter((timing) => timing.kind === 'calendar')
  if (first === undefined) return timings[0]
  const delayMs = Math.max(...[first, ...others].map((timing) => timing.randomDelayMs ?? 0))
  return {
    kind: 'calendar',
    patterns: [first, ...others].flatMap((timing) => timing.patterns),
    ...(first.timeZone !== undefined && { timeZone: first.timeZone }),
    ...(delayMs > 0 && { randomDelayMs: delayMs }),
  }
}

/** In whole days: an end without an offset is told in a zone that is not known here. */
function hasEnded(trigger: XmlElement, nowMs: EpochMs): boolean {
  const end = boundary(childText(trigger, 'EndBoundary'))
  return end !== undefined && end.date.getTime() + DAY_MS < nowMs
}

function triggerTiming(trigger: XmlElement): Timing | undefined {
  if (childText(trigger, 'Enabled') === 'false') return undefined
  const delayMs = durationMs(childText(trigger, 'RandomDelay'))
  const delay = delayMs === undefined || delayMs === 0 ? {} : { randomDelayMs: delayMs }
  const repetition = childOf(trigger, 'Repetition')
  const everyMs = durationMs(childText(repetition, 'Interval'))
  const forMs = durationMs(childText(repetition, 'Duration'))
  const isRepeated = everyMs !== undefined && everyMs > 0
  const repeated = isRepeated
    ? ({ kind: 'interval', everyMs, since: 'start', ...delay } as const)
    : undefined
  const start = boundary(childText(trigger, 'StartBoundary'))
  if (trigger.name === 'TimeTrigger') return repeated ?? (start && onceAt(start, delay))
  if (trigger.name !== 'CalendarTrigger') return repeated
  if (start === undefined) return undefined
  if (isRepeated && (forMs === undefined || forMs >= DAY_MS)) return repeated
  const steps = isRepeated ? { everyMs, forMs: forMs ?? 0 } : undefined
  const calendar = calendarOf(trigger, start, steps)
  if (calendar === undefined) return undefined
  if (typeof calendar === 'number') {
    return { kind: 'interval', everyMs: calendar, since: 'start', ...delay }
  }
  const timeZone = start.zone === undefined ? {} : { timeZone: start.zone }
  return { kind: 'calendar', patterns: calendar, ...timeZone, ...delay }
}

/** A time as written, in `zone`; the host's own where it names none. */
interface Boundary {
  readonly date: Date
  readonly zone?: string
  readonly atMs?: number
}

/** `2020-12-19T07:00:00`, with `Z`, an offset, a fraction. */
function boundary(text: string | undefined): Boundary | undefined {
  const [, local, zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text ?? '') ?? []
  if (local === undefined) return undefined
  const date = new Date(`${local}Z`)
  if (Number.isNaN(date.getTime())) return undefined
  if (zone === undefined) return { date }
  const atMs = Date.parse(local + zone)
  // An offset is no zone of a calendar: the rule is told in UTC, right for the half of the year
  // that the task was written in, as the Task Scheduler itself takes it.
  return { date: new Date(atMs), zone: 'UTC', atMs }
}

function onceAt({ date, atMs }: Boundary, delay: { randomDelayMs?: number }): Timing {
  if (atMs !== undefined) return { kind: 'once', atMs }
  const [month, year] = [date.getUTCMonth() + 1, date.getUTCFullYear()]
  const pattern = `${clockOf(date)} ${date.getUTCDate()} ${month} * ${year}`
  return { kind: 'calendar', patterns: [pattern], ...delay }
}

const clockOf = (date: Date): string =>
  `${date.getUTCSeconds()} ${date.getUTCMinutes()} ${date.getUTCHours()}`

/** Patterns, or an interval in milliseconds; `undefined` where neither says it. */
function calendarOf(
  trigger: XmlElement,
  start: Boundary,
  steps: { everyMs: number; forMs: number } | undefined,
): readonly string[] | number | undefined {
  const daily = childOf(trigger, 'ScheduleByDay')
  if (daily !== undefined) {
    const days = Number(childText(daily, 'DaysInterval') ?? 1)
    if (!(days >= 1)) return undefined
    return days === 1 ? clocks(start.date, steps, true).map((c) => `${c} * * *`) : days * DAY_MS
  }
  const times = clocks(start.date, steps, false)
  const weekly = childOf(trigger, 'ScheduleByWeek')
  if (weekly !== undefined) {
    const weeks = Number(childText(weekly, 'WeeksInterval') ?? 1)
    const days = listed(childOf(weekly, 'DaysOfWeek'), DAYS)
    if (weeks > 1) return days.length <= 1 ? weeks * 7 * DAY_MS : undefined
    const on = days.length === 0 ? `${start.date.getUTCDay()}` : days.join(',')
    return times.map((clock) => `${clock} * * ${on}`)
  }
  const monthly = childOf(trigger, 'ScheduleByMonth')
  if (monthly !== undefined) {
    const days = childOf(monthly, 'DaysOfMonth')?.children.map(({ text }) => text) ?? []
    if (days.length === 0) return undefined
    const on = days.map((day) => (day === 'Last' ? 'L' : day)).join(',')
    return times.map((clock) => `${clock} ${on} ${monthsOf(monthly)} *`)
  }
  const byWeekday = childOf(trigger, 'ScheduleByMonthDayOfWeek')
  if (byWeekday === undefined) return undefined
  const weeks = childOf(byWeekday, 'Weeks')?.children.map(({ text }) => text) ?? []
  const on = listed(childOf(byWeekday, 'DaysOfWeek'), DAYS)
    .flatMap((day) => weeks.map((week) => `${day}#${week === 'Last' ? 'L' : week}`))
    .join(',')
  return on === '' ? undefined : times.map((clock) => `${clock} * ${monthsOf(byWeekday)} ${on}`)
}

/** The numbers of the names that are children here; Sunday is 0. */
const listed = (element: XmlElement | undefined, names: readonly string[]): number[] =>
  (element?.children ?? []).map(({ name }) => names.indexOf(name)).filter((index) => index >= 0)

const monthsOf = (element: XmlElement): string =>
  listed(childOf(element, 'Months'), MONTHS)
    .map((index) => index + 1)
    .join(',') || '*'

/**
 * `second minute hour` of a start and of what repeats after it in the same day. Hours with the same
 * minutes are one pattern.
 */
function clocks(
  start: Date,
  steps: { everyMs: number; forMs: number } | undefined,
  isEachDay: boolean,
): string[] {
  if (steps === undefined) return [clockOf(start)]
  const minutesOf = new Map<number, number[]>()
  const startMs = start.getTime() % DAY_MS
  // The Task Scheduler takes no interval below a minute.
  const everyMs = Math.max(MINUTE_MS, steps.everyMs)
  for (let atMs = startMs; atMs < startMs + Math.max(steps.forMs, 1); atMs += everyMs) {
    if (atMs >= DAY_MS && !isEachDay) break
    const at = new Date(atMs % DAY_MS)
    const minutes = minutesOf.get(at.getUTCHours()) ?? []
    minutesOf.set(at.getUTCHours(), [...minutes, at.getUTCMinutes()])
  }
  const hoursOf = new Map<string, number[]>()
  for (const [hour, minutes] of minutesOf) {
    const key = [...new Set(minutes)].sort((a, b) => a - b).join(',')
    hoursOf.set(key, [...(hoursOf.get(key) ?? []), hour])
  }
  return [...hoursOf].map(
    ([minutes, hours]) =>
      `${start.getUTCSeconds()} ${minutes} ${hours.sort((a, b) => a - b).join(',')}`,
  )
}

/** ISO 8601: `PT1M`, `PT1320M`, `P1DT2H`; a month counts 30 days, a year 365. */
export function durationMs(text: string | undefined): number | undefined {
  const match =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/.exec(
      text ?? '',
    )
  if (match === null) return undefined
  const [years, months, weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number, number]
  const wholeDays = years * 365 + months * 30 + weeks * 7 + days
  return wholeDays * DAY_MS + hours * 3_600_000 + minutes * MINUTE_MS + seconds * 1000
}

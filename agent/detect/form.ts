/** Rhythms as a person would say them: "every 15 min", "weekdays 23:10 Europe/Berlin ± 4 min". */
import { DAY } from './zone.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

/** "5 s", "15 min", "2 h 30 min", "1 day": two units at most, rounded to what matters. */
export function spoken(ms: number): string {
  const unit = ms < 2 * MINUTE ? SECOND : ms < 2 * HOUR ? MINUTE : ms < 2 * DAY ? HOUR : DAY
  const small = unit === SECOND ? SECOND : unit === MINUTE ? SECOND : unit === HOUR ? MINUTE : HOUR
  const name = { [SECOND]: 's', [MINUTE]: 'min', [HOUR]: 'h', [DAY]: 'days' }
  if (ms < SECOND) return `${Math.round(ms)} ms`
  const rounded = Math.round(ms / small) * small
  const whole = Math.floor(rounded / unit)
  const rest = Math.round((rounded - whole * unit) / small)
  const isFine = rest > 0 && small !== unit && rounded < 100 * unit
  return isFine ? `${whole} ${name[unit]} ${rest} ${name[small]}` : `${whole} ${name[unit]}`
}

/** "every 15 min", "hourly". */
export function everyForm(periodMs: number): string {
  const rounded = Math.round(periodMs / SECOND) * SECOND
  if (rounded === HOUR) return 'hourly'
  if (rounded === MINUTE) return 'every minute'
  return `every ${spoken(periodMs)}`
}

/** "02:30", the local time of day. */
export function clockTime(localMs: number): string {
  const minutes = Math.round((((localMs % DAY) + DAY) % DAY) / MINUTE) % (24 * 60)
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** " ± 4 min", or nothing where it is below half a minute. */
export const plusMinus = (ms: number): string =>
  ms < MINUTE / 2 ? '' : ` ± ${spoken(Math.max(MINUTE, Math.round(ms / MINUTE) * MINUTE))}`

/** Days of the week, 0 is Monday: "daily", "weekdays", "weekends", "Tue", "Mon, Wed and Fri". */
export function daysForm(days: readonly number[]): string {
  const key = days.join('')
  if (days.length === 7) return 'daily'
  if (key === '01234') return 'weekdays'
  if (key === '56') return 'weekends'
  const names = days.map((day) => WEEKDAYS[day] ?? '?')
  return names.length < 2
    ? `every ${names.join('')}`
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** "Mon to Fri 08:00 to 18:00". */
export function officeForm(days: readonly number[], fromMs: number, toMs: number): string {
  const first = days[0] ?? 0
  const last = days.at(-1) ?? 6
  const isRun = last - first + 1 === days.length
  const names = isRun ? `${WEEKDAYS[first]} to ${WEEKDAYS[last]}` : daysForm(days)
  return `${days.length === 7 ? 'daily' : names} ${clockTime(fromMs)} to ${clockTime(toMs)}`
}

/** "day 1", "days 1 and 15" of the month. */
export const monthDaysForm = (days: readonly number[]): string =>
  days.length === 1 ? `day ${days[0]} of the month` : `days ${days.join(' and ')} of the month`

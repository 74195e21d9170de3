/** The setting `timeWindow`: local hours of chosen days. Pure; the zone is handed in. */
import { AgentError } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'

/** Local time. `to` before `from` runs past midnight; `days` are those it begins on, 0 is Sunday. */
export interface TimeWindow {
  /** `HH:MM`. */
  readonly from: string
  /** `HH:MM`, the first minute that is outside. Equal to `from` is the whole day. */
  readonly to: string
  readonly days?: readonly number[] | undefined
}

/** @param timeZone IANA name; the host's own where `undefined` */
export type TimeWindowMatcher = (atMs: EpochMs, timeZone: string | undefined) => boolean

const DAY_MINUTES = 24 * 60
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** @throws {AgentError} `ERR_PATTERN_INVALID` */
export function compileTimeWindow(window: TimeWindow): TimeWindowMatcher {
  const from = minutesOf(window.from)
  const to = minutesOf(window.to)
  const lengthMinutes = (to - from + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES
  const formats = new Map<string | undefined, Intl.DateTimeFormat>()
  return (atMs, timeZone) => {
    const format = formats.get(timeZone) ?? localTime(timeZone)
    formats.set(timeZone, format)
    const parts = Object.fromEntries(format.formatToParts(atMs).map((p) => [p.type, p.value]))
    const minute = Number(parts['hour']) * 60 + Number(parts['minute'])
    const sinceFrom = (minute - from + DAY_MINUTES) % DAY_MINUTES
    if (sinceFrom >= lengthMinutes) return false
    // After midnight the window is still that of the day it began on.
    const today = WEEKDAYS.indexOf(parts['weekday'] ?? '')
    const began = minute >= from ? today : (today + 6) % 7
    return window.days === undefined || window.days.includes(began)
  }
}

const localTime = (timeZone: string | undefined): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    hour: '2-digit',
    minute: '2-digit',
    weekday: 'short',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  })

function minutesOf(text: string): number {
  const [match, hour, minute] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
  const minutes = Number(hour) * 60 + Number(minute)
  if (match === undefined || minutes > DAY_MINUTES) {
    throw new AgentError(
      'ERR_PATTERN_INVALID',
      `timeWindow: ${JSON.stringify(text)} is no time of day`,
      { remedy: 'write HH:MM from 00:00 to 24:00' },
    )
  }
  return minutes % DAY_MINUTES
}

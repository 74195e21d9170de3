/**
 * The setting `detect.timeWindow`: `any`, or hours of the day on some days of the week, local time.
 * `to` before `from` runs past midnight; `days` are those on which it begins.
 */
import * as z from 'zod'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const EXPECTED = 'must be "any", or { from: "22:00", to: "06:00", days: [mon, tue] } in local time'

/** 24:00 is the end of the day. */
const hour = z.string(EXPECTED).regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, EXPECTED)

export interface TimeWindow {
  readonly from: string
  readonly to: string
  /** 0 is Sunday; every day where absent. */
  readonly days?: readonly number[]
}

const window = z.strictObject({
  from: hour,
  to: hour,
  days: z.array(z.enum(DAYS, EXPECTED), EXPECTED).min(1, EXPECTED).max(7, EXPECTED).optional(),
})

/** `undefined` inside is any time. */
export const timeWindow = (reason: string) =>
  z
    .union([z.literal('any'), window], EXPECTED)
    .transform((value): TimeWindow | undefined => {
      if (value === 'any') return undefined
      const { from, to, days } = value
      return days === undefined
        ? { from, to }
        : { from, to, days: days.map((day) => DAYS.indexOf(day)) }
    })
    .prefault('any')
    .meta({ description: reason, kind: 'time window', unit: 'local time' })

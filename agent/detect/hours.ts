/**
 * Active hours: a short rhythm that keeps to some hours of some days ("Mon to Fri 08:00 to 18:00").
 * Missed beats are then those within the hours, and not the nights.
 */
import { officeForm } from './form.ts'
import type { Rhythm, View } from './rhythm.ts'
import { clamp, quantile } from './stats.ts'
import { DAY, dayNumber } from './zone.ts'

/** Rhythms that fill more of the time than this have no hours of their own. */
const MAX_COVERAGE = 0.7
/** Within its hours the rhythm comes at least this often. */
const MIN_WITHIN = 0.7
/** Days seen, so that hours are a habit and not one session. */
const MIN_DAYS = 3
/** A weekday counts as kept where it was active in at least this share of its days. */
const MIN_DAY_SHARE = 0.5

export interface Hours {
  /** To be said after the period. */
  readonly form: string
  readonly missedRatio: number
}

/** @returns `undefined` where the rhythm keeps no hours, or all of them */
export function hoursOf(view: View, rhythm: Rhythm): Hours | undefined {
  if (rhythm.coverage > MAX_COVERAGE || rhythm.periodMs * 3 > DAY / 2) return undefined
  const { local } = view
  const active = new Map<number, number>()
  const timesOfDay: number[] = []
  for (let i = 0; i < local.length; i++) {
    if (rhythm.explains[i] === 0) continue
    const at = local[i] as number
    const day = dayNumber(at)
    active.set(day, (active.get(day) ?? 0) + 1)
    timesOfDay.push(at - Math.floor(at / DAY) * DAY)
  }
  if (active.size < MIN_DAYS) return undefined
  timesOfDay.sort((a, b) => a - b)
  const from = quantile(timesOfDay, 0.01)
  const to = quantile(timesOfDay, 0.99)
  const days = [...active.keys()]
  const first = Math.min(...days)
  const last = Math.max(...days)
  const kept = [0, 1, 2, 3, 4, 5, 6].filter((weekday) => {
    const seen = Math.floor((last - weekday) / 7) - Math.floor((first - 1 - weekday) / 7)
    const hit = days.filter((day) => mod7(day) === weekday).length
    return hit > 0 && hit >= MIN_DAY_SHARE * seen
  })
  const runs = days.filter((day) => kept.includes(mod7(day))).length
  const expected = runs * Math.max(1, (to - from) / rhythm.periodMs + 1)
  const within = timesOfDay.length / expected
  if (within < MIN_WITHIN || kept.length === 0) return undefined
  const slot = Math.min(rhythm.periodMs, 900_000)
  const rounded = (ms: number): number => Math.round(ms / slot) * slot
  return {
    form: officeForm(kept, rounded(from), rounded(to)),
    missedRatio: clamp(1 - within, 0, 1),
  }
}

const mod7 = (day: number): number => ((day % 7) + 7) % 7

/**
 * The rhythm of the calendar: the same local time of day on all days, chosen weekdays or month days.
 * Found by folding on the local day against the surroundings of a routine; which days it keeps is
 * read from the days that were hit and those that could have been.
 */

import { type Fold, fold, ROUTINE_MS } from './fold.ts'
import { clockTime, daysForm, monthDaysForm, plusMinus } from './form.ts'
import type { Rhythm, View } from './rhythm.ts'
import { blindMs } from './runs.ts'
import { clusterNats, quantile } from './stats.ts'
import { DAY, dayNumber } from './zone.ts'

const MINUTE = 60_000
const WIDTHS_MS = [4 * MINUTE, 12 * MINUTE, 30 * MINUTE]
/** Fewer days show no rhythm. */
const MIN_DAYS = 3
/** A choice of days must hold this share of the hits. */
const MIN_EXPLAINED = 0.9
/** A weekday belongs to the choice where at least this share of its days was hit. */
const MIN_WEEKDAY_SHARE = 0.5

export function calendarRhythm(view: View): Rhythm | undefined {
  const { runs, local } = view
  const n = runs.length
  if (n < MIN_DAYS || (local[n - 1] as number) - (local[0] as number) < MIN_DAYS * DAY * 0.6)
    return undefined
  let best: Fold | undefined
  let isUtc = false
  for (const times of view.offsetChanges ? [local, runs] : [local]) {
    for (const widthMs of WIDTHS_MS) {
      const found = fold(times, DAY, widthMs, true)
      if (found === undefined || (best !== undefined && found.nats <= best.nats)) continue
      best = found
      isUtc = times === runs
    }
  }
  if (best === undefined) return undefined
  const times = isUtc ? runs : local
  const explains = new Uint8Array(n)
  const hitDays: number[] = []
  const delays: number[] = []
  let explained = 0
  for (let i = 0; i < n; i++) {
    const turns = ((times[i] as number) - best.startMs) / DAY
    const day = Math.floor(turns)
    if ((turns - day) * DAY > best.widthMs) continue
    explains[i] = 1
    explained++
    if (hitDays.at(-1) === day) continue
    hitDays.push(day)
    delays.push((turns - day) * DAY)
  }
  if (hitDays.length < MIN_DAYS) return undefined
  const nats =
    Math.max(best.nats, tightness(times, best)) -
    Math.log(2 * WIDTHS_MS.length * (view.offsetChanges ? 2 : 1))
  delays.sort((a, b) => a - b)
  const low = quantile(delays, 0.025)
  const high = quantile(delays, 0.975)
  const days = chooseDays(view, hitDays, best, isUtc)
  const middle = best.startMs + (low + high) / 2
  const zone = isUtc ? 'UTC' : view.zoneName
  const lastDay = hitDays.at(-1) as number
  const nextLocal = (lastDay + days.untilNext(lastDay)) * DAY + middle
  return {
    model: 'calendar',
    periodMs: days.periodMs,
    form: `${days.form} ${clockTime(middle)} ${zone}${plusMinus((high - low) / 2)}`,
    jitter: (high - low) / 2 / DAY,
    beats: hitDays.length,
    coverage: days.coverage,
    missedRatio: 1 - days.coverage,
    share: explained / n,
    nats,
    renewalNats: 0,
    explains,
    next: {
      atMs: Math.round(isUtc ? nextLocal : nextLocal - view.zone.offsetMs(nextLocal)),
      toleranceMs: Math.max(MINUTE / 2, Math.round(best.widthMs / 2)),
    },
  }
}

/**
 * Few days say more by how close together they lie than by any fixed window: the surprise at most
 * of the runs within a routine's reach of the hour lying as tight as they do.
 */
function tightness(times: Float64Array, best: Fold): number {
  const center = best.startMs + best.widthMs / 2
  const phases: number[] = []
  let previous = Number.NaN
  let elsewhere = 0
  for (const at of times) {
    const turns = (at - center) / DAY
    const day = Math.round(turns)
    const phase = (turns - day) * DAY
    if (Math.abs(phase) > ROUTINE_MS) elsewhere++
    else if (day !== previous || Math.abs(phase) < Math.abs(phases.at(-1) as number)) {
      if (day === previous) phases.pop()
      phases.push(phase)
      previous = day
    }
  }
  const places = Math.min(16, 1 + elsewhere / 2)
  return clusterNats(Float64Array.from(phases).sort(), 2 * ROUTINE_MS) - Math.log(places)
}

interface Days {
  readonly form: string
  readonly periodMs: number
  readonly coverage: number
  untilNext(day: number): number
}

/** The simplest choice of days that holds nearly all hits, and how well it was kept. */
function chooseDays(view: View, hitDays: readonly number[], best: Fold, isUtc: boolean): Days {
  const first = hitDays[0] as number
  const last = hitDays.at(-1) as number
  const seen = new Uint16Array(7)
  const hit = new Uint16Array(7)
  for (let day = first; day <= last; day++) {
    const atMs = day * DAY + best.startMs
    const utc = isUtc ? atMs : atMs - view.zone.offsetMs(atMs)
    if (blindMs(view.blind, utc, utc + best.widthMs) > best.widthMs / 2) continue
    const weekday = weekdayOf(day)
    seen[weekday] = (seen[weekday] as number) + 1
  }
  for (const day of hitDays) {
    const weekday = weekdayOf(day)
    hit[weekday] = (hit[weekday] as number) + 1
  }
  const kept = [0, 1, 2, 3, 4, 5, 6].filter(
    (day) =>
      (hit[day] as number) > 0 && (hit[day] as number) >= MIN_WEEKDAY_SHARE * (seen[day] as number),
  )
  const choices = [[0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4], [5, 6], kept]
  let chosen: Days | undefined
  for (const days of choices) {
    const hits = sum(days, hit)
    const eligible = sum(days, seen)
    if (hits < MIN_EXPLAINED * hitDays.length || eligible === 0) continue
    const coverage = Math.min(1, hits / Math.max(hits, eligible))
    if (chosen !== undefined && coverage < chosen.coverage + 0.15) continue
    chosen = {
      form: daysForm(days),
      periodMs: days.length === 1 ? 7 * DAY : DAY,
      coverage,
      untilNext: (day) => {
        let ahead = 1
        while (ahead < 7 && !days.includes(weekdayOf(day + ahead))) ahead++
        return ahead
      },
    }
  }
  const monthly = monthDays(hitDays)
  if (monthly !== undefined && (chosen === undefined || monthly.coverage > chosen.coverage + 0.15))
    return monthly
  return (
    chosen ?? {
      form: 'daily',
      periodMs: DAY,
      coverage: hitDays.length / (last - first + 1),
      untilNext: () => 1,
    }
  )
}

/** The days of the month that hold all hits, at most two. */
function monthDays(hitDays: readonly number[]): Days | undefined {
  const dates = hitDays.map((day) => new Date(day * DAY))
  const days = [...new Set(dates.map((date) => date.getUTCDate()))].sort((a, b) => a - b)
  if (days.length > 2 || hitDays.length < MIN_DAYS) return undefined
  const months = new Set(dates.map((date) => date.getUTCFullYear() * 12 + date.getUTCMonth()))
  const span = Math.max(...months) - Math.min(...months) + 1
  return {
    form: monthDaysForm(days),
    periodMs: 30 * DAY,
    coverage: Math.min(1, hitDays.length / (span * days.length)),
    untilNext: (day) => {
      let ahead = 1
      while (ahead < 62 && !days.includes(new Date((day + ahead) * DAY).getUTCDate())) ahead++
      return ahead
    },
  }
}

const weekdayOf = (day: number): number => ((dayNumber(day * DAY) % 7) + 7) % 7
const sum = (days: readonly number[], counts: Uint16Array): number =>
  days.reduce((total, day) => total + (counts[day] as number), 0)

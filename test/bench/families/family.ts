/** What a family of series is, and the pieces they are made of. */
import type { JobTimes } from '../../../agent/detect/assess.ts'
import { DAY, zoneOf } from '../../../agent/detect/zone.ts'
import type { Gap, Observation } from '../../../storage/series.ts'
import type { Random } from './random.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export { DAY }

/** The ring keeps this many observations of a series, the newest. */
export const MAX_OBSERVATIONS = 500

export interface Sample {
  readonly observations: readonly Observation[]
  readonly gaps: readonly Gap[]
  readonly jobs: readonly JobTimes[]
  readonly timeZone: string
}

export interface Family {
  readonly name: string
  readonly isRecurring: boolean
  /** The parameters, for people who judge the fairness. */
  readonly about: string
  make(random: Random, host: Host): Sample
}

/** Where and when a series is seen: local zone, and a span of days with a clock change inside. */
export interface Host {
  readonly timeZone: string
  readonly startMs: number
  readonly days: number
}

/** Zones, and a day in 2026 on which their clocks change (any day where they never do). */
const ZONES: readonly [[string, number], ...[string, number][]] = [
  ['Europe/Berlin', Date.UTC(2026, 2, 29)],
  ['America/New_York', Date.UTC(2026, 2, 8)],
  ['Australia/Sydney', Date.UTC(2026, 3, 5)],
  ['Europe/London', Date.UTC(2026, 9, 25)],
  ['America/Los_Angeles', Date.UTC(2026, 10, 1)],
  ['Asia/Kolkata', Date.UTC(2026, 4, 14)],
  ['UTC', Date.UTC(2026, 5, 10)],
]

/** A host whose clocks change somewhere in the middle half of its days. */
export function hostOf(random: Random, days: number): Host {
  const [timeZone, changeMs] = random.pick(ZONES)
  const startMs = changeMs - Math.round(random.between(0.25, 0.75) * days * DAY)
  return { timeZone, startMs, days }
}

/** Instant of a local wall-clock time. */
export function utcOf(localMs: number, timeZone: string): number {
  const zone = zoneOf(timeZone)
  const guess = localMs - zone.offsetMs(localMs)
  return localMs - zone.offsetMs(guess)
}

/** Local midnights of the host's days, as local ms; 0 is Monday in `weekday`. */
export function localDays(host: Host): { midnightMs: number; weekday: number }[] {
  const first = Math.ceil((host.startMs + zoneOf(host.timeZone).offsetMs(host.startMs)) / DAY)
  return Array.from({ length: host.days }, (_, i) => ({
    midnightMs: (first + i) * DAY,
    weekday: (((first + i + 3) % 7) + 7) % 7,
  }))
}

/** The newest of these instants as a sample of single connections. */
export function sampleOf(host: Host, times: readonly number[], gaps: readonly Gap[] = []): Sample {
  const whole = [...new Set(times.map(Math.round))].sort((a, b) => a - b).slice(-MAX_OBSERVATIONS)
  const firstMs = whole[0] ?? 0
  return {
    observations: whole.map((atMs) => ({ atMs, connections: 1 })),
    gaps: gaps.filter((gap) => gap.toMs > firstMs),
    jobs: [],
    timeZone: host.timeZone,
  }
}

/** Each beat is missed with that chance; the first never is. */
export const withMissed = (random: Random, times: readonly number[], chance: number): number[] =>
  times.filter((_, i) => i === 0 || !random.chance(chance))

/** Starts late by a second or so, now and then by several: process start, name look-up, TLS. */
export const startDelay = (random: Random): number =>
  random.between(200, 800) +
  random.exponential(800) +
  (random.chance(0.03) ? random.between(2000, 8000) : 0)

/** Blind spans of an hour to most of a day: the host was suspended, off or the sensor stopped. */
export function gapsOf(random: Random, fromMs: number, toMs: number, count: number): Gap[] {
  return Array.from({ length: count }, () => {
    const from = random.between(fromMs, toMs)
    const length = random.logBetween(0.02, 0.15) * (toMs - fromMs)
    return { fromMs: Math.round(from), toMs: Math.round(from + length), reason: 'restart' }
  }).sort((a, b) => a.fromMs - b.fromMs)
}

export const isBlind = (gaps: readonly Gap[], atMs: number): boolean =>
  gaps.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)

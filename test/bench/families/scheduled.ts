/** Jobs that fire by the clock or the calendar. */
import {
  DAY,
  type Family,
  gapsOf,
  HOUR,
  type Host,
  isBlind,
  localDays,
  MINUTE,
  SECOND,
  sampleOf,
  startDelay,
  utcOf,
  withMissed,
} from './family.ts'
import type { Random } from './random.ts'

const CRON_MINUTES = [1, 2, 5, 10, 15, 20, 30, 60] as const
const CRON_HOURS = [2, 3, 4, 6, 8, 12] as const

/** Fire times on the local grid of `periodMs`, at a minute of their own. */
export function gridTimes(
  random: Random,
  host: Host,
  periodMs: number,
  delay: () => number,
): number[] {
  const offset = Math.floor(random.between(0, Math.min(periodMs, DAY)) / MINUTE) * MINUTE
  const times: number[] = []
  for (const { midnightMs } of localDays(host)) {
    for (let at = midnightMs + (offset % periodMs); at < midnightMs + DAY; at += periodMs) {
      times.push(utcOf(at, host.timeZone) + delay())
    }
  }
  return times
}

const cron: Family = {
  name: 'cron minutes',
  isRecurring: true,
  about: 'every 1 to 60 min on the local clock, starts about a second late, 0 to 10 % missed',
  make(random, host) {
    const periodMs = random.pick(CRON_MINUTES) * MINUTE
    const times = gridTimes(random, host, periodMs, () => startDelay(random))
    return sampleOf(host, withMissed(random, times, random.between(0, 0.1)))
  },
}

const hours: Family = {
  name: 'every few hours',
  isRecurring: true,
  about: 'every 2 to 12 h on the local clock, DST inside, up to 5 min late, 0 to 10 % missed',
  make(random, host) {
    const latest = random.between(0, 5) * MINUTE
    const delay = () => startDelay(random) + random.between(0, latest)
    const times = gridTimes(random, host, random.pick(CRON_HOURS) * HOUR, delay)
    return sampleOf(host, withMissed(random, times, random.between(0, 0.1)))
  },
}

const randomDelay: Family = {
  name: 'timer, random delay',
  isRecurring: true,
  about:
    'systemd RandomizedDelaySec and Task Scheduler: 15 min to 2 h, each run up to 10 to 50 % of it late',
  make(random, host) {
    const periodMs = random.pick([15, 20, 30, 60, 120]) * MINUTE
    const most = periodMs * random.between(0.1, 0.5)
    const times = gridTimes(
      random,
      host,
      periodMs,
      () => startDelay(random) + random.between(0, most),
    )
    return sampleOf(host, withMissed(random, times, random.between(0, 0.1)))
  },
}

const interval: Family = {
  name: 'own interval',
  isRecurring: true,
  about:
    'launchd StartInterval, PT7M and the like: any whole 30 s to 3 h, phase kept, 0 to 15 % missed',
  make(random, host) {
    const periodMs = Math.round(random.logBetween(30, 3 * 3600)) * SECOND
    const beats = Math.min(650, (host.days * DAY) / periodMs)
    const start = host.startMs + random.between(0, HOUR)
    const times = Array.from({ length: beats }, (_, i) => start + i * periodMs + startDelay(random))
    return sampleOf(host, withMissed(random, times, random.between(0, 0.15)))
  },
}

const manyConnections: Family = {
  name: 'cron, many connections',
  isRecurring: true,
  about: 'every 5 min to 6 h; each run opens 1 to 20 connections within 10 s',
  make(random, host) {
    const periodMs = random.pick([5, 10, 15, 30, 60, 120, 360]) * MINUTE
    const most = random.whole(2, 20)
    const times = gridTimes(random, host, periodMs, () => startDelay(random))
    const all = withMissed(random, times, random.between(0, 0.1)).flatMap((at) =>
      Array.from({ length: random.whole(1, most) }, (_, i) =>
        i === 0 ? at : at + random.between(10, 10_000),
      ),
    )
    return sampleOf(host, all)
  },
}

const suspended: Family = {
  name: 'clock, host off',
  isRecurring: true,
  about: 'every 5 min to 4 h, 1 to 4 blind spans of 2 to 15 % of the time each; the phase survives',
  make(random, host) {
    const periodMs = random.pick([5, 10, 15, 30, 60, 120, 240]) * MINUTE
    const latest = random.between(0, 0.15) * periodMs
    const times = gridTimes(
      random,
      host,
      periodMs,
      () => startDelay(random) + random.between(0, latest),
    )
    const kept = times.slice(-500)
    const gaps = gapsOf(random, kept[0] ?? 0, kept.at(-1) ?? 0, random.whole(1, 4))
    return sampleOf(
      host,
      kept.filter((at) => !isBlind(gaps, at)),
      gaps,
    )
  },
}

const office: Family = {
  name: 'office hours',
  isRecurring: true,
  about:
    'every 15, 30 or 60 min, Monday to Friday within 07:00 to 19:00 local, up to 10 % late, 0 to 10 % missed',
  make(random, host) {
    const periodMs = random.pick([15, 30, 60]) * MINUTE
    const latest = random.between(0, 0.1) * periodMs
    const from = random.whole(7, 9) * HOUR
    const to = random.whole(16, 19) * HOUR
    const times = localDays(host)
      .filter(({ weekday }) => weekday < 5)
      .flatMap(({ midnightMs }) =>
        Array.from({ length: (to - from) / periodMs }, (_, i) => midnightMs + from + i * periodMs),
      )
      .map((at) => utcOf(at, host.timeZone) + startDelay(random) + random.between(0, latest))
    return sampleOf(host, withMissed(random, times, random.between(0, 0.1)))
  },
}

/** One run on each chosen day at the same local time, up to `latestMs` late. */
function onDays(
  random: Random,
  host: Host,
  chosen: (day: { midnightMs: number; weekday: number }) => boolean,
  latestMs: number,
): number[] {
  const timeOfDay = random.whole(0, 24 * 60 - 1) * MINUTE
  return localDays(host)
    .filter(chosen)
    .map(({ midnightMs }) => utcOf(midnightMs + timeOfDay, host.timeZone))
    .map((at) => at + startDelay(random) + random.between(0, latestMs))
}

const daily: Family = {
  name: 'daily',
  isRecurring: true,
  about: 'one local time of day over DST, 0 to 5 min late, 0 to 10 % missed, 14 or 30 days',
  make(random, host) {
    const times = onDays(random, host, () => true, random.between(0, 5) * MINUTE)
    return sampleOf(host, withMissed(random, times, random.between(0, 0.1)))
  },
}

const dailyDelayed: Family = {
  name: 'daily, random delay',
  isRecurring: true,
  about: 'one local time of day, up to 10 to 20 min late at random, 14 or 30 days',
  make: (random, host) =>
    sampleOf(
      host,
      onDays(random, host, () => true, random.between(10, 20) * MINUTE),
    ),
}

const weekdays: Family = {
  name: 'chosen weekdays',
  isRecurring: true,
  about:
    'Monday to Friday, or two to four chosen days; 0 to 5 min late, 0 to 10 % missed; 14 or 30 days',
  make(random, host) {
    const chosen = random.pick([
      [0, 1, 2, 3, 4],
      [0, 2, 4],
      [0, 1, 2, 3],
      [1, 3, 5],
      [5, 6],
    ])
    const isChosen = ({ weekday }: { weekday: number }) => chosen.includes(weekday)
    const days = host.days < 20 && chosen.length < 3 ? 30 : host.days
    const times = onDays(random, { ...host, days }, isChosen, random.between(0, 5) * MINUTE)
    return sampleOf(host, withMissed(random, times, random.between(0, 0.1)))
  },
}

const weekly: Family = {
  name: 'weekly',
  isRecurring: true,
  about: 'one weekday and local time, 0 to 5 min late, 35 to 84 days (5 to 12 runs), none missed',
  make(random, host) {
    const chosen = random.whole(0, 6)
    const days = random.pick([35, 42, 56, 84])
    const isChosen = ({ weekday }: { weekday: number }) => weekday === chosen
    return sampleOf(
      host,
      onDays(random, { ...host, days }, isChosen, random.between(0, 5) * MINUTE),
    )
  },
}

const monthly: Family = {
  name: 'days of the month',
  isRecurring: true,
  about:
    'one or two days of the month at a local time, 0 to 5 min late, 155 to 300 days (5 to 20 runs)',
  make(random, host) {
    const first = random.whole(1, 14)
    const dates = random.chance(0.5) ? [first] : [first, first + 14]
    const days = random.whole(155, 300)
    const isChosen = ({ midnightMs }: { midnightMs: number }) =>
      dates.includes(new Date(midnightMs).getUTCDate())
    return sampleOf(
      host,
      onDays(random, { ...host, days }, isChosen, random.between(0, 5) * MINUTE),
    )
  },
}

export const SCHEDULED: readonly Family[] = [
  cron,
  hours,
  randomDelay,
  interval,
  manyConnections,
  suspended,
  office,
  daily,
  dailyDelayed,
  weekdays,
  weekly,
  monthly,
]

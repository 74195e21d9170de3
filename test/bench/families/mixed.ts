/** More than one source in a series, and jobs whose definition is known. */
import type { JobTimes } from '../../../agent/detect/assess.ts'
import {
  DAY,
  type Family,
  HOUR,
  type Host,
  localDays,
  MINUTE,
  sampleOf,
  startDelay,
  utcOf,
  withMissed,
} from './family.ts'
import { sessions } from './irregular.ts'
import type { Random } from './random.ts'
import { gridTimes } from './scheduled.ts'
import { sleeps } from './sleeping.ts'

const twoSchedules: Family = {
  name: 'two schedules',
  isRecurring: true,
  about:
    'hourly or every 10 to 30 min, plus daily or another period that does not divide it; 0 to 5 % missed',
  make(random, host) {
    const delay = () => startDelay(random)
    const often = random.pick([10, 15, 20, 30, 60]) * MINUTE
    const other = random.pick([7 * MINUTE, 25 * MINUTE, 45 * MINUTE, DAY, DAY])
    const times = [
      ...gridTimes(random, host, often, delay),
      ...(other === DAY ? gridTimes(random, host, DAY, delay) : ownGrid(random, host, other)),
    ]
    return sampleOf(
      host,
      withMissed(
        random,
        times.sort((a, b) => a - b),
        random.between(0, 0.05),
      ),
    )
  },
}

const ownGrid = (random: Random, host: Host, periodMs: number): number[] => {
  const start = host.startMs + random.between(0, periodMs)
  return Array.from(
    { length: Math.floor((host.days * DAY) / periodMs) },
    (_, i) => start + i * periodMs + startDelay(random),
  )
}

/** Runs of people until the ring holds 0.3 to 1 of theirs for each of the beacon's. */
function beside(random: Random, host: Host, beacon: readonly number[]): number[] {
  const kept = beacon.slice(-random.whole(150, 400))
  const from = kept[0] ?? 0
  const to = kept.at(-1) ?? 0
  const days = Math.max(1, Math.ceil((to - from) / DAY))
  const wanted = kept.length * random.between(0.3, 1)
  const aDay = Math.min(40, Math.max(1, wanted / days / 12))
  const human = sessions(random, { ...host, startMs: from - DAY, days: days + 2 }, aDay).filter(
    (at) => at > from && at < to,
  )
  return [...kept, ...human.slice(0, wanted)].sort((a, b) => a - b)
}

const cronBeside: Family = {
  name: 'cron beside people',
  isRecurring: true,
  about:
    'every 5 to 60 min on the clock, with browsing to the same place: up to as many connections again',
  make(random, host) {
    const periodMs = random.pick([5, 10, 15, 20, 30, 60]) * MINUTE
    const latest = random.between(0, 0.1) * periodMs
    return sampleOf(
      host,
      beside(
        random,
        host,
        gridTimes(random, host, periodMs, () => startDelay(random) + random.between(0, latest)),
      ),
    )
  },
}

const sleepBeside: Family = {
  name: 'sleep beside people',
  isRecurring: true,
  about:
    'period 1 min to 2 h, jitter 0 to 10 %, with browsing to the same place: up to as many connections again',
  make(random, host) {
    const periodMs = random.logBetween(MINUTE, 2 * HOUR)
    const jitter = random.between(0, 0.1)
    const beats = Math.min(400, (host.days * DAY) / periodMs)
    const beacon = sleeps(
      random,
      host.startMs,
      beats,
      () => periodMs * random.between(1 - jitter, 1 + jitter),
    )
    return sampleOf(host, beside(random, host, beacon))
  },
}

const dailyBeside: Family = {
  name: 'daily beside people',
  isRecurring: true,
  about:
    'one local time of day, 0 to 3 min late, 30 days, with 1 to 3 browsing sessions a working day to the same place',
  make(random, host) {
    const whole = { ...host, days: 30 }
    const timeOfDay = random.whole(0, 24 * 60 - 1) * MINUTE
    const latest = random.between(0, 3) * MINUTE
    const job = localDays(whole).map(
      ({ midnightMs }) =>
        utcOf(midnightMs + timeOfDay, host.timeZone) +
        startDelay(random) +
        random.between(0, latest),
    )
    return sampleOf(host, [...job, ...sessions(random, whole, random.between(1, 3))])
  },
}

/** The fire times of a job on the local grid, as the agent hands them in. */
function jobOf(host: Host, periodMs: number, offsetMs: number): JobTimes {
  const fires = localDays({
    ...host,
    startMs: host.startMs - 2 * DAY,
    days: host.days + 4,
  }).flatMap(({ midnightMs }) =>
    Array.from({ length: Math.max(1, DAY / periodMs) }, (_, i) =>
      utcOf(midnightMs + offsetMs + i * periodMs, host.timeZone),
    ),
  )
  return {
    schedule: {
      id: 'job',
      scheduler: 'cron',
      trigger: `each ${periodMs / MINUTE} min`,
      command: '/opt/job.sh',
    },
    times: (fromMs, toMs) => fires.filter((at) => at >= fromMs && at < toMs),
  }
}

const knownJob: Family = {
  name: 'known job',
  isRecurring: true,
  about: 'a job that the host has (hourly, 6-hourly or daily) ran 3 to 8 times, up to 2 min late',
  make(random, host) {
    const periodMs = random.pick([HOUR, 6 * HOUR, DAY])
    const offset = random.whole(0, periodMs / MINUTE - 1) * MINUTE
    const job = jobOf(host, periodMs, offset)
    const latest = random.between(0, 2) * MINUTE
    const fires = job.times(host.startMs, host.startMs + host.days * DAY)
    const times = fires
      .slice(0, random.whole(3, 8))
      .map((at) => at + startDelay(random) + random.between(0, latest))
    return { ...sampleOf(host, times), jobs: [job] }
  },
}

const unrelatedJob: Family = {
  name: 'unrelated job',
  isRecurring: false,
  about:
    'Poisson of 2 min to 6 h (8 to 300 runs) on a host that has jobs of its own: each 5 min, hourly, daily',
  make(random, host) {
    const mean = random.logBetween(2 * MINUTE, 6 * HOUR)
    const count = Math.min(random.logBetween(8, 300), (host.days * DAY) / mean)
    const times: number[] = []
    for (let at = host.startMs; times.length < count; at += random.exponential(mean)) times.push(at)
    const jobs = [5 * MINUTE, HOUR, DAY].map((periodMs) =>
      jobOf(host, periodMs, random.whole(0, periodMs / MINUTE - 1) * MINUTE),
    )
    return { ...sampleOf(host, times), jobs }
  },
}

const routineBesideJob: Family = {
  name: 'routine near a job',
  isRecurring: false,
  about: "a person's daily hour ±45 min around the fire time of a daily job of the host",
  make(random, host) {
    const timeOfDay = random.whole(7 * 60, 20 * 60) * MINUTE
    const times = localDays(host).map(({ midnightMs }) =>
      utcOf(midnightMs + timeOfDay + random.between(-45, 45) * MINUTE, host.timeZone),
    )
    return { ...sampleOf(host, times), jobs: [jobOf(host, DAY, timeOfDay)] }
  },
}

export const MIXED: readonly Family[] = [
  twoSchedules,
  cronBeside,
  sleepBeside,
  dailyBeside,
  knownJob,
  unrelatedJob,
  routineBesideJob,
]

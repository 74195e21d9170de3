/** What does not recur: people, retries, bursts, builds and chance. */
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
  utcOf,
} from './family.ts'
import type { Random } from './random.ts'

const spanOf = (host: Host): number => host.days * DAY

/** Chance thinned by the hour of the local day: people sleep, and rest at week's end. */
function diurnal(random: Random, host: Host, aDay: number): number[] {
  const times: number[] = []
  for (const { midnightMs, weekday } of localDays(host)) {
    const wanted = aDay * (weekday < 5 ? 1 : 0.3)
    for (
      let at = random.exponential(DAY / wanted / 3);
      at < DAY;
      at += random.exponential(DAY / wanted / 3)
    ) {
      const hour = at / HOUR
      const awake = Math.exp(-((hour - 14) ** 2) / 2 / 3.5 ** 2)
      if (random.chance(awake)) times.push(utcOf(midnightMs + at, host.timeZone))
    }
  }
  return times
}

/** Sessions of clicks: each page opens a few connections, with reading in between. */
export function sessions(random: Random, host: Host, aDay: number): number[] {
  return diurnal(random, host, aDay).flatMap((start) => {
    const clicks = 1 + Math.floor(random.exponential(6))
    let at = start
    return Array.from({ length: clicks }, () => {
      at += 3 * SECOND + Math.exp(Math.log(40 * SECOND) + 1.1 * random.normal())
      return Array.from({ length: random.whole(1, 4) }, () => at + random.exponential(800))
    }).flat()
  })
}

const fewOf = (random: Random, host: Host, times: readonly number[]) =>
  sampleOf(host, random.chance(0.5) ? times.slice(0, random.whole(12, 200)) : times)

const irregular = (
  name: string,
  about: string,
  make: (random: Random, host: Host) => number[],
): Family => ({
  name,
  isRecurring: false,
  about,
  make: (random, host) => fewOf(random, host, make(random, host)),
})

export const IRREGULAR: readonly Family[] = [
  irregular(
    'browsing',
    '1 to 12 sessions a working day, log-normal reading times, several connections a click',
    (random, host) => sessions(random, host, random.logBetween(1, 12)),
  ),
  irregular('poisson', 'constant rate, one in 10 s to 6 h', (random, host) => {
    const mean = random.logBetween(10 * SECOND, 6 * HOUR)
    return walk(host.startMs, Math.min(600, spanOf(host) / mean), () => random.exponential(mean))
  }),
  irregular('diurnal poisson', '1 to 60 a day by the hour of the local day', (random, host) =>
    diurnal(random, host, random.logBetween(1, 60)),
  ),
  irregular(
    'bursts',
    'bursts of 2 to 40 at a mean of 0.2 to 5 s, log-normal pauses (median 10 min to 8 h)',
    (random, host) => {
      const pause = random.logBetween(10 * MINUTE, 8 * HOUR)
      const within = random.logBetween(200, 5000)
      const times: number[] = []
      for (let at = host.startMs; at < host.startMs + spanOf(host) && times.length < 900; ) {
        const size = random.whole(2, 40)
        for (let i = 0; i < size; i++) {
          at += random.exponential(within)
          times.push(at)
        }
        at += pause * Math.exp(1.2 * random.normal())
      }
      return times
    },
  ),
  irregular(
    'exponential back-off',
    'outages at random: waits of 1 to 4 s double to a cap of 5 to 60 min with ±20 %, 5 to 11 tries',
    (random, host) => {
      const base = random.between(1, 4) * SECOND
      const cap = random.between(5, 60) * MINUTE
      const times: number[] = []
      for (let at = host.startMs; at < host.startMs + spanOf(host) && times.length < 900; ) {
        const tries = random.whole(5, 11)
        for (let i = 0; i < tries; i++) {
          times.push(at)
          at += Math.min(cap, base * 2 ** i) * random.between(0.8, 1.2)
        }
        at += random.exponential(6 * HOUR)
      }
      return times
    },
  ),
  irregular(
    'builds',
    'working hours: builds log-normal apart (median 10 to 60 min), each fetches 3 to 30 times in 1 to 90 s',
    (random, host) => {
      const apart = random.between(10, 60) * MINUTE
      const times: number[] = []
      for (const { midnightMs, weekday } of localDays(host)) {
        if (weekday > 4) continue
        const end = midnightMs + random.between(16, 19) * HOUR
        for (
          let at = midnightMs + random.between(8, 10.5) * HOUR;
          at < end;
          at += apart * Math.exp(0.9 * random.normal())
        ) {
          const length = random.between(1, 90) * SECOND
          for (let i = random.whole(3, 30); i > 0; i--)
            times.push(utcOf(at, host.timeZone) + random.between(0, length))
        }
      }
      return times
    },
  ),
  irregular(
    'long-poll reconnects',
    'in sessions of 10 min to 3 h: reconnects at activity (mean 20 to 60 % of the time-out of 30 to 300 s) or the time-out',
    (random, host) => {
      const timeout = random.between(30, 300) * SECOND
      const activity = timeout * random.between(0.2, 0.6)
      return diurnal(random, host, random.between(1, 4)).flatMap((start) => {
        const times: number[] = []
        const end = start + random.logBetween(10 * MINUTE, 3 * HOUR)
        for (
          let at = start;
          at < end;
          at += Math.min(timeout, random.exponential(activity)) + random.between(50, 400)
        )
          times.push(at)
        return times
      })
    },
  ),
  irregular(
    'routine, daily',
    'a person each day, same hour ±45 min (uniform), 0 to 20 % of days left out',
    (random, host) => routine(random, host, [0, 1, 2, 3, 4, 5, 6]),
  ),
  irregular(
    'routine, weekdays',
    'a person Monday to Friday, same hour ±45 min (uniform), 0 to 20 % left out',
    (random, host) => routine(random, host, [0, 1, 2, 3, 4]),
  ),
  irregular(
    'routine, several',
    'a person at three hours of the day, each ±45 min, one in four left out, a few connections each',
    (random, host) =>
      [
        routine(random, host, [0, 1, 2, 3, 4]),
        routine(random, host, [0, 1, 2, 3, 4]),
        routine(random, host, [0, 1, 2, 3, 4]),
      ]
        .flat()
        .flatMap((at) =>
          Array.from({ length: random.whole(1, 3) }, () => at + random.exponential(20 * SECOND)),
        )
        .sort((a, b) => a - b),
  ),
  irregular(
    'random walk',
    'the spacing itself wanders: a step of ±35 % a time between 5 s and 12 h',
    (random, host) => {
      let spacing = random.logBetween(MINUTE, 2 * HOUR)
      return walk(host.startMs, Math.min(600, spanOf(host) / spacing), () => {
        spacing = Math.min(
          12 * HOUR,
          Math.max(5 * SECOND, spacing * Math.exp(0.35 * random.normal())),
        )
        return spacing * Math.exp(0.5 * random.normal())
      })
    },
  ),
  irregular(
    'log-normal',
    'independent log-normal spacings, spread 0.9 to 1.8, median 10 s to 4 h',
    (random, host) => {
      const median = random.logBetween(10 * SECOND, 4 * HOUR)
      const spread = random.between(0.9, 1.8)
      return walk(
        host.startMs,
        Math.min(600, spanOf(host) / median),
        () => median * Math.exp(spread * random.normal()),
      )
    },
  ),
  irregular(
    'heavy tail',
    'Pareto spacings, exponent 0.8 to 1.5, from 2 s to 5 min upward',
    (random, host) => {
      const least = random.logBetween(2 * SECOND, 5 * MINUTE)
      const exponent = random.between(0.8, 1.5)
      return walk(host.startMs, 500, () =>
        Math.min(3 * DAY, least * (1 - random.unit()) ** (-1 / exponent)),
      ).filter((at) => at < host.startMs + spanOf(host))
    },
  ),
  {
    name: 'irregular, host off',
    isRecurring: false,
    about: 'Poisson of 1 min to 2 h with 1 to 4 blind spans',
    make(random, host) {
      const mean = random.logBetween(MINUTE, 2 * HOUR)
      const times = walk(host.startMs, Math.min(500, spanOf(host) / mean), () =>
        random.exponential(mean),
      )
      const gaps = gapsOf(random, host.startMs, times.at(-1) ?? 0, random.whole(1, 4))
      return sampleOf(
        host,
        times.filter((at) => !isBlind(gaps, at)),
        gaps,
      )
    },
  },
]

function walk(startMs: number, count: number, next: () => number): number[] {
  const times: number[] = []
  for (let at = startMs; times.length < count; at += next()) times.push(at)
  return times
}

function routine(random: Random, host: Host, chosen: readonly number[]): number[] {
  const hour = random.between(7, 20) * HOUR
  const left = random.between(0, 0.2)
  return localDays(host)
    .filter(({ weekday }) => chosen.includes(weekday) && !random.chance(left))
    .map(({ midnightMs }) =>
      utcOf(midnightMs + hour + random.between(-45, 45) * MINUTE, host.timeZone),
    )
}

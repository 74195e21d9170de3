/** Beacons that sleep after each run. */
import {
  type Family,
  gapsOf,
  HOUR,
  type Host,
  isBlind,
  SECOND,
  sampleOf,
  withMissed,
} from './family.ts'
import type { Random } from './random.ts'

/** Beats seen of a beacon: from those of an hour to a full ring. */
const beatsFor = (random: Random, host: Host, periodMs: number, least = 24): number =>
  Math.max(least, Math.min(random.logBetween(least, 650), (host.days * 24 * HOUR) / periodMs))

export function sleeps(
  random: Random,
  startMs: number,
  beats: number,
  next: () => number,
): number[] {
  const times: number[] = []
  for (let at = startMs + random.between(0, HOUR); times.length < beats; ) {
    times.push(at)
    at += next() + random.between(50, 400)
  }
  return times
}

const symmetric = (jitter: number): Family => ({
  name: `sleep ${jitter * 100} %`,
  isRecurring: true,
  about: `period 5 s to 6 h, each sleep uniform within ±${jitter * 100} %, 0 to 30 % of beats missed, 24 to 500 beats`,
  make(random, host) {
    const periodMs = random.logBetween(5 * SECOND, 6 * HOUR)
    const beats = beatsFor(random, host, periodMs)
    const times = sleeps(
      random,
      host.startMs,
      beats,
      () => periodMs * random.between(1 - jitter, 1 + jitter),
    )
    return sampleOf(host, withMissed(random, times, random.between(0, 0.3)))
  },
})

const oneSided = (jitter: number): Family => ({
  name: `cobalt ${jitter * 100} %`,
  isRecurring: true,
  about: `as Cobalt Strike: the sleep less up to ${jitter * 100} % of it, 5 s to 6 h, 0 to 30 % missed`,
  make(random, host) {
    const periodMs = random.logBetween(5 * SECOND, 6 * HOUR)
    const beats = beatsFor(random, host, periodMs)
    const times = sleeps(
      random,
      host.startMs,
      beats,
      () => periodMs * random.between(1 - jitter, 1),
    )
    return sampleOf(host, withMissed(random, times, random.between(0, 0.3)))
  },
})

const suspended: Family = {
  name: 'sleep, host suspended',
  isRecurring: true,
  about:
    'jitter 0 to 30 %, 1 to 4 blind spans of 2 to 15 % of the time each, phase restarts after each',
  make(random, host) {
    const periodMs = random.logBetween(30 * SECOND, 4 * HOUR)
    const beats = beatsFor(random, host, periodMs, 40)
    const jitter = random.between(0, 0.3)
    const gaps = gapsOf(random, host.startMs, host.startMs + beats * periodMs, random.whole(1, 4))
    const times: number[] = []
    for (let at = host.startMs; at < host.startMs + beats * periodMs; ) {
      const gap = gaps.find(({ fromMs, toMs }) => at >= fromMs && at < toMs)
      if (gap) {
        at = gap.toMs + random.between(0, periodMs)
        continue
      }
      times.push(at)
      at += periodMs * random.between(1 - jitter, 1 + jitter)
    }
    return sampleOf(
      host,
      times.filter((at) => !isBlind(gaps, at)),
      gaps,
    )
  },
}

const manyConnections: Family = {
  name: 'sleep, many connections',
  isRecurring: true,
  about: 'period 1 min to 6 h, jitter 0 to 20 %, each run opens 1 to 20 connections within 5 s',
  make(random, host) {
    const periodMs = random.logBetween(60 * SECOND, 6 * HOUR)
    const jitter = random.between(0, 0.2)
    const most = random.whole(2, 20)
    const beats = beatsFor(random, host, periodMs)
    const times = sleeps(
      random,
      host.startMs,
      beats,
      () => periodMs * random.between(1 - jitter, 1 + jitter),
    )
    const runs = withMissed(random, times, random.between(0, 0.15))
    const all = runs.flatMap((at) =>
      Array.from({ length: random.whole(1, most) }, (_, i) =>
        i === 0 ? at : at + random.between(10, 5000),
      ),
    )
    return sampleOf(host, all)
  },
}

const edited: Family = {
  name: 'edited period',
  isRecurring: true,
  about:
    'a period of 1 min to 2 h becomes 0.3 to 0.7 or 1.5 to 4 times as long part way; jitter 0 to 20 %',
  make(random, host) {
    const before = random.logBetween(60 * SECOND, 2 * HOUR)
    const after = before * (random.chance(0.5) ? random.between(0.3, 0.7) : random.between(1.5, 4))
    const jitter = random.between(0, 0.2)
    const sleep = (periodMs: number) => () => periodMs * random.between(1 - jitter, 1 + jitter)
    const old = sleeps(random, host.startMs, random.whole(25, 200), sleep(before))
    const recent = sleeps(
      random,
      (old.at(-1) ?? 0) + 60 * SECOND,
      random.whole(25, 200),
      sleep(after),
    )
    return sampleOf(host, withMissed(random, [...old, ...recent], random.between(0, 0.1)))
  },
}

export const SLEEPING: readonly Family[] = [
  ...[0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5].map(symmetric),
  ...[0.2, 0.5].map(oneSided),
  suspended,
  manyConnections,
  edited,
]

import fc from 'fast-check'
import t from 'tap'
import { assess, DEFAULT_DETECT_OPTIONS } from '../../../agent/detect/assess.ts'
import type { Gap } from '../../../storage/series.ts'
import { random } from '../../bench/families/random.ts'
import { holds } from '../../support/holds.ts'
import { MONDAY, observed, scattered, sleeping, ticking } from '../../support/series.ts'

const MINUTE = 60_000
const WEEK = 7 * 1440 * MINUTE
const given = (times: readonly number[], gaps: readonly Gap[] = [], timeZone = 'UTC') =>
  assess({ observations: observed(times), gaps, jobs: [], timeZone })

t.test('a beacon is found, told and foretold', async (t) => {
  const found = given(sleeping(60, 15 * MINUTE, 0.2))
  t.match(found, {
    verdict: 'recurring',
    observations: 60,
    periods: [{ model: 'sleep', beats: 60 }],
  })
  t.ok(found.score > 0.99)
  t.ok(found.evidence.every(({ weight, value }) => Number.isFinite(weight) && value !== ''))
  t.ok((found.next?.atMs ?? 0) > found.lastMs)
})

t.test('few beats are enough', async (t) => {
  t.equal(given(sleeping(6, 15 * MINUTE, 0)).verdict, 'recurring', '6 without jitter')
  const seeds = Array.from(
    { length: 40 },
    (_, seed) => given(sleeping(10, 15 * MINUTE, 0.2, seed + 1)).verdict,
  )
  t.ok(seeds.filter((verdict) => verdict === 'recurring').length >= 36, '10 at 20 %')
})

t.test('too little is undecided, chance is irregular', async (t) => {
  t.equal(given([]).verdict, 'undecided')
  t.equal(given([MONDAY, MONDAY + 5]).verdict, 'undecided')
  t.equal(given(scattered(200, 10 * MINUTE)).verdict, 'irregular')
})

t.test('settings bound what counts as repetitive', async (t) => {
  const input = {
    observations: observed(ticking(60, 60 * MINUTE, 0)),
    gaps: [],
    jobs: [],
    timeZone: 'UTC',
  }
  t.equal(assess(input).verdict, 'recurring')
  t.not(assess(input, { cronIntervalThresholdMs: 30 * MINUTE }).periods[0]?.form, 'hourly')
  const jittered = { ...input, observations: observed(sleeping(200, MINUTE, 0.5)) }
  t.equal(
    assess(jittered, { repeatIntervalDelta: 0.2 }).periods.every(({ jitter }) => jitter <= 0.2),
    true,
  )
  t.equal(assess(input, { minObservations: 61 }).verdict, 'undecided')
  t.ok(assess(input, { timeWindowMs: 10 * 60 * MINUTE }).observations <= 11)
  t.ok(DEFAULT_DETECT_OPTIONS.threshold >= 0.5)
})

const anyBeacon = fc.record({
  periodMs: fc.integer({ min: 20_000, max: 3 * 60 * MINUTE }),
  jitter: fc.constantFrom(0, 0.05, 0.1, 0.2),
  seed: fc.nat(10_000),
  count: fc.integer({ min: 40, max: 120 }),
})

t.test('metamorphic properties', async (t) => {
  const beats = (b: { periodMs: number; jitter: number; seed: number; count: number }) =>
    sleeping(b.count, b.periodMs, b.jitter, b.seed)

  const shifted = fc.property(anyBeacon, fc.integer({ min: -20, max: 20 }), (beacon, weeks) => {
    const [here, there] = [
      given(beats(beacon)),
      given(beats(beacon).map((at) => at + weeks * WEEK)),
    ]
    // Grids of no calendar are folded from the epoch, so their windows fall a little differently.
    return here.verdict === there.verdict && Math.abs(here.score - there.score) < 0.02
  })
  holds(t, 'which week it is does not matter', shifted)

  const scaled = fc.property(anyBeacon, (beacon) => {
    const twice = given(beats(beacon).map((at) => MONDAY + 2 * (at - MONDAY)))
    const once = given(beats(beacon))
    const ratio = (twice.periods[0]?.periodMs ?? 0) / (once.periods[0]?.periodMs ?? 1)
    return (
      once.verdict === 'recurring' && twice.verdict === 'recurring' && Math.abs(ratio - 2) < 0.1
    )
  })
  holds(t, 'twice as slow is twice the period', scaled)

  const reordered = fc.property(anyBeacon, (beacon) => {
    const times = beats(beacon)
    const chance = random(beacon.seed)
    const mixed = times.map((at) => [chance.unit(), at] as const).sort(([a], [b]) => a - b)
    t.strictSame(given(mixed.map(([, at]) => at)), given(times))
  })
  holds(t, 'the order of arrival does not matter', reordered, { numRuns: 30 })

  const doubled = fc.property(anyBeacon, (beacon) => {
    const times = beats(beacon)
    t.strictSame(given(times.flatMap((at) => [at, at])), given(times))
  })
  holds(t, 'a record that came twice counts once', doubled, { numRuns: 30 })

  const gapped = fc.property(
    anyBeacon,
    fc.double({ min: 0.1, max: 0.6, noNaN: true }),
    (beacon, where) => {
      const times = beats(beacon)
      const from = times[Math.floor(where * times.length)] ?? 0
      const to = times[Math.floor((where + 0.25) * times.length)] ?? 0
      const kept = times.filter((at) => at < from || at >= to)
      const gap = { fromMs: from - 1, toMs: to, reason: 'restart' }
      const blind = given(kept, [gap])
      // The spacing across the span is no longer read, and one spacing more or less moves the likelihood
      // of a short, jittered series: by 0.04 once in 3,000 of the hardest. Misses would cost far more.
      return blind.verdict === 'recurring' && blind.score >= given(kept).score - 0.05
    },
  )
  holds(t, 'a blind span is never held against it', gapped)
  holds(t, 'nor where it once was', gapped, { seed: 886667354 })

  const stepped = fc.property(
    anyBeacon,
    fc.integer({ min: -10_000, max: 3_600_000 }),
    (beacon, stepMs) => {
      const times = beats(beacon)
      return (
        given(times.map((at, i) => (i < times.length / 2 ? at : at + stepMs))).verdict ===
        'recurring'
      )
    },
  )
  holds(t, 'a clock that is set does not hide it', stepped)

  const total = fc.property(
    fc.array(fc.oneof(fc.double(), fc.integer(), fc.nat(10_000))),
    fc.array(fc.record({ fromMs: fc.double(), toMs: fc.double(), reason: fc.constant('x') })),
    (times, gaps) => {
      const { score, periods, evidence } = given(times, gaps, 'Europe/Berlin')
      const numbers = [
        score,
        ...periods.flatMap((p) => [p.periodMs, p.jitter, p.missedRatio, p.beats]),
      ]
      return (
        [...numbers, ...evidence.map(({ weight }) => weight)].every(Number.isFinite) &&
        score >= 0 &&
        score <= 1
      )
    },
  )
  holds(t, 'any input has an answer', total, { numRuns: 300 })
})

t.test('more jitter never raises the score, on average', async (t) => {
  const mean = (jitter: number) =>
    Array.from(
      { length: 40 },
      (_, seed) => given(sleeping(9, 10 * MINUTE, jitter, seed + 1)).score,
    ).reduce((a, b) => a + b) / 40
  const [none, some, more, most] = [0, 0.1, 0.3, 0.5].map(mean) as [number, number, number, number]
  t.ok(none >= some && some >= more && more >= most, `${none} ${some} ${more} ${most}`)
})

t.test('bursts: what each run opens does not change what recurs', async (t) => {
  const runs = sleeping(50, 10 * MINUTE, 0.1)
  const chance = random(9)
  const bursts = runs.flatMap((at) => [
    at,
    ...Array.from({ length: chance.whole(0, 19) }, () => at + Math.round(chance.between(10, 4000))),
  ])
  const found = given(bursts.sort((a, b) => a - b))
  t.equal(found.verdict, 'recurring')
  t.ok(Math.abs((found.periods[0]?.periodMs ?? 0) / (10 * MINUTE) - 1) < 0.05)
})

t.test('500 observations take no more than some milliseconds', async (t) => {
  const times = sleeping(500, 5 * MINUTE, 0.3)
  for (let i = 0; i < 50; i++) given(times)
  const costs = Array.from({ length: 50 }, () => {
    const start = performance.now()
    given(times)
    return performance.now() - start
  }).sort((a, b) => a - b)
  t.ok((costs[25] ?? 9) < 5, `${costs[25]} ms in the median`)
})

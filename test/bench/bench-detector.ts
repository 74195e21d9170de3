/**
 * The detector's benchmark: every family of series, to the detector and to its peers. Prints a table
 * and writes `scoreboard.json`. The seeds below are used for nothing else: coefficients and constants
 * were chosen on others (`detector-fit.ts`). `npm run bench:detector`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assess, DEFAULT_DETECT_OPTIONS } from '../../agent/detect/assess.ts'
import { isDue } from '../../agent/detect/due.ts'
import { areaUnder, calibrationError, shareAbove, thresholdAt } from './detector-measures.ts'
import type { Sample } from './families/family.ts'
import { draw, FAMILIES } from './families/index.ts'
import { baywatch } from './peers/baywatch.ts'
import { elastic } from './peers/elastic.ts'
import type { Peer } from './peers/peer.ts'
import { ritaV4, ritaV5, ritaV5LastDay } from './peers/rita.ts'
import { sentinel, variation } from './peers/simple.ts'

const SEEDS = [777_001, 424_243]
const SERIES_EACH = 40
/** Families of which the first verdict is timed: without missed beats. */
const FIRST_VERDICTS = ['metronome', 'jitter 20 %', 'daily job', 'known daily job'] as const

interface Result {
  readonly family: string
  readonly recurs: boolean
  readonly scores: readonly number[]
}

const PEERS: readonly Peer[] = [
  ritaV5,
  ritaV5LastDay,
  ritaV4,
  elastic,
  sentinel,
  baywatch,
  variation,
]

const samples = FAMILIES.flatMap((family) =>
  SEEDS.flatMap((seed) =>
    Array.from({ length: SERIES_EACH }, (_, i) => ({ family, sample: draw(family, seed, i) })),
  ),
)
const timesOf = ({ observations }: Sample): Float64Array =>
  Float64Array.from(observations, ({ atMs }) => atMs)

function measured(score: (sample: Sample) => number): { results: Result[]; microseconds: number } {
  const costs: number[] = []
  const byFamily = new Map<string, { recurs: boolean; scores: number[] }>()
  for (const { family, sample } of samples) {
    const start = performance.now()
    const value = score(sample)
    costs.push(performance.now() - start)
    const row = byFamily.get(family.name) ?? { recurs: family.isRecurring, scores: [] }
    row.scores.push(value)
    byFamily.set(family.name, row)
  }
  costs.sort((a, b) => a - b)
  const results = [...byFamily].map(([family, row]) => ({ family, ...row }))
  return { results, microseconds: Math.round((costs[costs.length >> 1] ?? 0) * 1000) }
}

function row(name: string, threshold: number, score: (sample: Sample) => number) {
  const { results, microseconds } = measured(score)
  const recurring = results.filter(({ recurs }) => recurs).flatMap(({ scores }) => scores)
  const irregular = results.filter(({ recurs }) => !recurs).flatMap(({ scores }) => scores)
  const atOnePercent = thresholdAt(irregular, 0.01)
  return {
    name,
    auc: areaUnder(recurring, irregular),
    foundAtOnePercentFalse: shareAbove(recurring, atOnePercent),
    ownThreshold: threshold,
    found: recurring.filter((value) => value >= threshold).length / recurring.length,
    falsely: irregular.filter((value) => value >= threshold).length / irregular.length,
    calibrationError: calibrationError(recurring, irregular),
    microseconds,
    /** Share of each family called recurring: at the own threshold, and at 1 % false ones. */
    families: Object.fromEntries(
      results.map(({ family, scores }) => [
        family,
        [
          scores.filter((value) => value >= threshold).length / scores.length,
          shareAbove(scores, atOnePercent),
        ] as const,
      ]),
    ),
  }
}

/** How many beats until the verdict: the median and the 9th of ten series. */
function firstVerdict(kind: (typeof FIRST_VERDICTS)[number]) {
  const beats = Array.from({ length: 40 }, (_, i) => {
    const sample = CLEAN[kind](i)
    for (let n = 3; n <= sample.observations.length; n++) {
      const observations = sample.observations.slice(0, n)
      if (assess({ ...sample, observations }).verdict === 'recurring') return n
    }
    return Number.POSITIVE_INFINITY
  }).sort((a, b) => a - b)
  return { median: beats[20], ninthOfTen: beats[36] }
}

const every = (index: number, count: number, next: (i: number) => number): Sample => {
  let at = Date.UTC(2026, 2, 2) + index * 7_919_000
  const observations = Array.from({ length: count }, (_, i) => {
    const observation = { atMs: Math.round(at), connections: 1 }
    at += next(i)
    return observation
  })
  return { observations, gaps: [], jobs: [], timeZone: 'Europe/Berlin' }
}
const uniform = (a: number, b: number): number => {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43_758.5453
  return x - Math.floor(x)
}
const daily = (index: number): Sample =>
  every(index, 14, (i) => 86_400_000 + 120_000 * (uniform(index, i + 1) - uniform(index, i)))
const CLEAN: Record<(typeof FIRST_VERDICTS)[number], (index: number) => Sample> = {
  metronome: (index) => every(index, 40, (i) => 20_000 * 1.15 ** index + 300 * uniform(index, i)),
  'jitter 20 %': (index) =>
    every(index, 60, (i) => 20_000 * 1.15 ** index * (0.8 + 0.4 * uniform(index, i))),
  'daily job': daily,
  'known daily job': (index) => {
    const sample = daily(index)
    const first = (sample.observations[0]?.atMs ?? 0) - 120_000 * uniform(index, 0) - 1000
    const times = (fromMs: number, toMs: number) =>
      Array.from({ length: 60 }, (_, i) => first + (i - 2) * 86_400_000).filter(
        (at) => at >= fromMs && at < toMs,
      )
    const schedule = {
      id: 'job',
      scheduler: 'cron',
      trigger: '30 2 * * *',
      command: '/opt/job',
    } as const
    return { ...sample, jobs: [{ schedule, times }] }
  },
}

/** Share of irregular series called recurring at any of the looks that `due.ts` takes as they grow. */
function everFalse(): number {
  const irregular = samples.filter(({ family }, i) => !family.isRecurring && i % 4 === 0)
  const called = irregular.filter(({ sample }) => {
    let seen = 0
    for (let n = 3; n <= sample.observations.length; n++) {
      if (!isDue(seen === 0 ? undefined : { totalObservations: seen }, n, 0)) continue
      seen = n
      const observations = sample.observations.slice(0, n)
      if (assess({ ...sample, observations }).verdict === 'recurring') return true
    }
    return false
  })
  return called.length / irregular.length
}

const rows = [
  row('Tidewatch', DEFAULT_DETECT_OPTIONS.threshold, (sample) => assess(sample).score),
  ...PEERS.map(({ name, threshold, score }) =>
    row(name, threshold, (sample) => score(timesOf(sample))),
  ),
]
const firstVerdicts = Object.fromEntries(FIRST_VERDICTS.map((kind) => [kind, firstVerdict(kind)]))
const falseAtAnyLook = everFalse()
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 10_000) / 10_000 : value
const scoreboard = {
  series: samples.length,
  seeds: SEEDS,
  firstVerdicts,
  falseAtAnyLook,
  sources: Object.fromEntries(PEERS.map(({ name, source }) => [name, source])),
  detectors: rows,
}
/** Lists of numbers on one line, as the formatter has them. */
const text = JSON.stringify(scoreboard, rounded, 2).replace(
  /\[\s+([-\d.,\s]+?)\s+\]/g,
  (_, list: string) => {
    return `[${list.replace(/\s+/g, ' ')}]`
  },
)
writeFileSync(join(import.meta.dirname, 'scoreboard.json'), `${text}\n`)

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const score = (value: number): string => value.toFixed(4)
const lines = [
  '| detector | AUC | found at 1 % false | found | false | ECE | µs a series |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...rows.map((r) => {
    const cells = [r.name, score(r.auc), percent(r.foundAtOnePercentFalse), percent(r.found)]
    return `| ${[...cells, percent(r.falsely), r.calibrationError.toFixed(3), r.microseconds].join(' | ')} |`
  }),
  '',
  'Called recurring at the own threshold / at 1 % false, in per cent:',
  '',
  `| family | ${rows.map(({ name }) => name).join(' | ')} |`,
  `| --- | ${rows.map(() => '---').join(' | ')} |`,
  ...FAMILIES.map(({ name, isRecurring }) => {
    const cells = rows.map(({ families }) =>
      (families[name] ?? []).map((share) => (share * 100).toFixed(0)).join(' / '),
    )
    return `| ${isRecurring ? name : `*${name}*`} | ${cells.join(' | ')} |`
  }),
  '',
  ...FIRST_VERDICTS.map((kind) => {
    const { median, ninthOfTen } = firstVerdicts[kind] ?? {}
    return `${kind}: first verdict after ${median} beats, nine of ten after ${ninthOfTen}`
  }),
]
lines.push(`irregular series called recurring at any look as they grew: ${percent(falseAtAnyLook)}`)
process.stdout.write(`${lines.join('\n')}\n`)

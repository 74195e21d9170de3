/**
 * RITA's beacon score, compared step by step with its sources (`source` below).
 * Version 5: the mean of timing, data size, histogram of 24 bins and duration. Version 4, as its Readme of
 * May 2022 and commit 0044ff77 have it: skewness, dispersion with 30 s as the worst, and density. A later
 * commit of version 4, 5af7ee2b, scores times as version 5 does, but for how it takes quartiles and rounds.
 * Simplified: the series have no byte counts, so the size scores are given in full to every series alike;
 * version 4's least number of connections is not asked for; version 5's modifiers (prevalence, first seen)
 * are left out. The data set is the span of the series. RITA itself looks at the last 24 hours: for that
 * there is a row of its own.
 */
import { bowley, DAY, deltasOf, medianDeviation, type Peer, quartiles } from './peer.ts'

const HOURS = 24
const MODE_SENSITIVITY = 0.05
const MIN_BIMODAL_HOURS = 11
const MIN_HOURS = 6
/** Ours: neither version has one line. Version 5 sorts into classes from 50, 75 and 90 %. */
const THRESHOLD = 0.8

/** Spacings of distinct seconds, ascending. */
function spacings(times: Float64Array): number[] {
  return deltasOf(times)
    .filter((delta) => delta > 0)
    .sort((a, b) => a - b)
}

/** Version 5 has the middle of an even number of values as the mean of two. */
function median(sorted: readonly number[]): number {
  const upper = sorted.length >> 1
  const lower = (sorted.length - 1) >> 1
  return ((sorted[lower] as number) + (sorted[upper] as number)) / 2
}

function timingScore(times: Float64Array): number {
  const deltas = spacings(times)
  const n = deltas.length
  if (n < 3) return 0
  const middle = median(deltas)
  const halves = [median(deltas.slice(0, n >> 1)), median(deltas.slice((n + 1) >> 1))] as const
  const skewness = bowley([halves[0], middle, halves[1]], 10)
  const deviation = median(deltas.map((delta) => Math.abs(delta - middle)).sort((a, b) => a - b))
  const dispersion = Math.max(0, (middle - deviation) / middle)
  return thousandths((1 - Math.abs(skewness) + dispersion) / 2)
}

const thousandths = (score: number): number => Math.round(score * 1000) / 1000

function histogramScore(hours: readonly number[], bars: number): number {
  const mean = hours.reduce((sum, count) => sum + count, 0) / HOURS
  const deviation = Math.sqrt(hours.reduce((sum, count) => sum + (count - mean) ** 2, 0) / HOURS)
  const flatness = Math.max(0, 1 - deviation / mean)
  if (bars < MIN_BIMODAL_HOURS) return thousandths(flatness)
  const binSize = Math.ceil(Math.max(...hours) * MODE_SENSITIVITY)
  const modes = new Map<number, number>()
  for (const count of hours) {
    if (count === 0) continue
    const bin = Math.floor(count / binSize)
    modes.set(bin, (modes.get(bin) ?? 0) + 1)
  }
  const [most = 0, next = 0] = [...modes.values()].sort((a, b) => b - a)
  return thousandths(Math.max(flatness, Math.min(1, (most + next) / Math.max(1, bars - 1))))
}

function scoreV5(times: Float64Array): number {
  const timing = timingScore(times)
  if (timing === 0) return 0
  const first = times[0] as number
  const spanMs = Math.max(1, (times[times.length - 1] as number) - first)
  const hours = new Array<number>(HOURS).fill(0)
  for (const at of times) {
    const hour = Math.min(HOURS - 1, Math.floor(((at - first) / spanMs) * HOURS))
    hours[hour] = (hours[hour] ?? 0) + 1
  }
  const bars = hours.filter((count) => count > 0).length
  // Coverage of the span is whole by the choice of the span.
  const duration = bars >= MIN_HOURS ? 1 : 0
  return thousandths((timing + 1 + histogramScore(hours, bars) + duration) / 4)
}

export const ritaV5: Peer = {
  name: 'RITA v5',
  source: 'github.com/activecm/rita analysis/beacons.go at 0b6db7af: equal weights',
  threshold: THRESHOLD,
  score: scoreV5,
}

export const ritaV5LastDay: Peer = {
  ...ritaV5,
  name: 'RITA v5, last day',
  score: (times) => {
    const from = (times[times.length - 1] ?? 0) - DAY
    return scoreV5(times.filter((at) => at > from))
  },
}

function scoreV4(times: Float64Array): number {
  const deltas = spacings(times)
  if (deltas.length < 3) return 0
  const quarters = quartiles(deltas)
  const dispersion = Math.max(0, 1 - medianDeviation(deltas, quarters[1]) / 30)
  const seconds = ((times[times.length - 1] as number) - (times[0] as number)) / 1000
  const density = Math.min(1, times.length / (seconds / 10))
  const timing = 1 - Math.abs(bowley(quarters, 1)) + dispersion + density
  return Math.ceil(((timing + 3) / 6) * 1000) / 1000
}

export const ritaV4: Peer = {
  name: 'RITA v4',
  source: 'github.com/activecm/rita-legacy pkg/beacon/analyzer.go at 0044ff77',
  threshold: THRESHOLD,
  score: scoreV4,
}

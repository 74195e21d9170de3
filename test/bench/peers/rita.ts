/**
 * RITA's beacon score. Version 5: the mean of four sub-scores (timing, data size, histogram of hours,
 * duration) over a day of traffic. Version 4: skewness, dispersion and density of connections, with a
 * dispersion of 30 s as the worst. The series have no byte counts: the size sub-scores are given in
 * full to every series alike. Each day of a series is scored, and the best day counts.
 */
import { bowley, DAY, deltasOf, medianDeviation, type Peer, quartiles, windowsOf } from './peer.ts'

const HOURS = 24
const MODE_SENSITIVITY = 0.05
const MIN_BIMODAL_HOURS = 11
const MIN_HOURS = 6
const IDEAL_HOURS = 12

function timingScore(times: Float64Array): number {
  const deltas = deltasOf(times)
    .filter((delta) => delta > 0)
    .sort((a, b) => a - b)
  if (deltas.length < 3) return 0
  const quarters = quartiles(deltas)
  const median = quarters[1]
  const dispersion =
    median >= 1 ? Math.max(0, (median - medianDeviation(deltas, median)) / median) : 1
  return (1 - Math.abs(bowley(quarters, 10)) + dispersion) / 2
}

function dayScore(times: Float64Array): number {
  const timing = timingScore(times)
  if (timing === 0) return 0
  const dayStart = Math.floor((times[0] as number) / DAY) * DAY
  const hours = new Array<number>(HOURS).fill(0)
  for (const at of times) {
    const hour = Math.min(HOURS - 1, Math.floor(((at - dayStart) / DAY) * HOURS))
    hours[hour] = (hours[hour] ?? 0) + 1
  }
  const mean = times.length / HOURS
  const deviation = Math.sqrt(hours.reduce((sum, count) => sum + (count - mean) ** 2, 0) / HOURS)
  const bars = hours.filter((count) => count > 0).length
  const flatness = Math.max(0, 1 - deviation / mean)
  const binSize = Math.ceil(Math.max(...hours) * MODE_SENSITIVITY)
  const modes = new Map<number, number>()
  for (const count of hours) {
    if (count === 0) continue
    const bin = Math.floor(count / binSize)
    modes.set(bin, (modes.get(bin) ?? 0) + 1)
  }
  const [most = 0, next = 0] = [...modes.values()].sort((a, b) => b - a)
  const bimodal = bars >= MIN_BIMODAL_HOURS ? Math.min(1, (most + next) / Math.max(1, bars - 1)) : 0
  let run = 0
  let longest = 0
  for (let i = 0; i < 2 * HOURS; i++) {
    run = (hours[i % HOURS] ?? 0) > 0 ? run + 1 : 0
    longest = Math.max(longest, Math.min(run, HOURS))
  }
  const coverage = ((times[times.length - 1] as number) - (times[0] as number)) / DAY
  const duration = bars >= MIN_HOURS ? Math.min(1, Math.max(coverage, longest / IDEAL_HOURS)) : 0
  return (timing + 1 + Math.max(flatness, bimodal) + duration) / 4
}

const bestDay = (times: Float64Array, score: (day: Float64Array) => number): number =>
  windowsOf(times, DAY).reduce((best, day) => Math.max(best, score(day)), 0)

export const ritaV5: Peer = {
  name: 'RITA v5',
  source: 'github.com/activecm/rita analysis/beacons.go: equal weights, 24 h',
  threshold: 0.8,
  score: (times) => bestDay(times, dayScore),
}

export const ritaV4: Peer = {
  name: 'RITA v4',
  source: 'github.com/activecm/rita-legacy pkg/beacon/analyzer.go',
  threshold: 0.8,
  score: (times) =>
    bestDay(times, (day) => {
      const deltas = deltasOf(day).sort((a, b) => a - b)
      const quarters = quartiles(deltas)
      const dispersion = Math.max(0, 1 - medianDeviation(deltas, quarters[1]) / 30)
      const seconds = ((day[day.length - 1] as number) - (day[0] as number)) / 1000
      const density = Math.min(1, day.length / Math.max(1, seconds / 10))
      return ((1 - Math.abs(bowley(quarters, 10)) + dispersion + density) / 3 + 1) / 2
    }),
}

/**
 * RITA's beacon score. Version 5: the mean of four sub-scores (timing, data size, histogram of hours,
 * duration) over a day of traffic. Version 4: skewness, dispersion and density of connections, with a
 * dispersion of 30 s as the worst. The series have no byte counts: the size sub-scores are given in
 * full to every series alike. RITA looks at the last 24 hours; here the span of the series stands for
 * them, which serves it best of the ways tried (best day, mean day, whole span).
 */
import { bowley, deltasOf, medianDeviation, type Peer, quartiles } from './peer.ts'

const HOURS = 24
const MODE_SENSITIVITY = 0.05
const MIN_BIMODAL_HOURS = 11
const MIN_HOURS = 6

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

function spanScore(times: Float64Array): number {
  if (times.length < 4) return 0
  const timing = timingScore(times)
  if (timing === 0) return 0
  const first = times[0] as number
  const spanMs = Math.max(1, (times[times.length - 1] as number) - first)
  const hours = new Array<number>(HOURS).fill(0)
  for (const at of times) {
    const hour = Math.min(HOURS - 1, Math.floor(((at - first) / spanMs) * HOURS))
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
  // Coverage of the span is whole by the choice of the span.
  const duration = bars >= MIN_HOURS ? 1 : 0
  return (timing + 1 + Math.max(flatness, bimodal) + duration) / 4
}

export const ritaV5: Peer = {
  name: 'RITA v5',
  source: 'github.com/activecm/rita analysis/beacons.go: equal weights',
  threshold: 0.8,
  score: spanScore,
}

export const ritaV4: Peer = {
  name: 'RITA v4',
  source: 'github.com/activecm/rita-legacy pkg/beacon/analyzer.go',
  threshold: 0.8,
  score: (times) => {
    if (times.length < 4) return 0
    const deltas = deltasOf(times).sort((a, b) => a - b)
    const quarters = quartiles(deltas)
    const dispersion = Math.max(0, 1 - medianDeviation(deltas, quarters[1]) / 30)
    const seconds = ((times[times.length - 1] as number) - (times[0] as number)) / 1000
    const density = Math.min(1, times.length / Math.max(1, seconds / 10))
    return ((1 - Math.abs(bowley(quarters, 10)) + dispersion + density) / 3 + 1) / 2
  },
}

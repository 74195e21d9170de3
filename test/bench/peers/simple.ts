/** Two detectors of one line each: Sentinel's most frequent time delta, and the coefficient of variation. */
import { DAY, deltasOf, type Peer, windowsOf } from './peer.ts'

const HOUR = 3_600_000
/** Sentinel: deltas up to this are left out, s. */
const MIN_DELTA = 25
/** Sentinel wants more than 30 events an hour; shown lower so that slower beacons have a chance at all. */
const MIN_EVENTS = 6

export const sentinel: Peer = {
  name: 'Sentinel time delta',
  source:
    'github.com/Azure/Azure-Sentinel, Palo Alto potential beaconing: share of the most frequent delta; by day, at least 6 events',
  threshold: 0.8,
  score: (times) => Math.max(...[HOUR, DAY].map((width) => mostFrequent(times, width))),
}

function mostFrequent(times: Float64Array, widthMs: number): number {
  let best = 0
  for (const window of windowsOf(times, widthMs)) {
    const counts = new Map<number, number>()
    let total = 0
    for (const delta of deltasOf(window)) {
      if (delta <= MIN_DELTA) continue
      total++
      counts.set(delta, (counts.get(delta) ?? 0) + 1)
    }
    if (total < MIN_EVENTS) continue
    best = Math.max(best, Math.max(...counts.values()) / total)
  }
  return best
}

export const variation: Peer = {
  name: 'coefficient of variation',
  source: 'standard deviation over mean of the spacings, the textbook measure; 1 - cv',
  threshold: 0.5,
  score: (times) => {
    const deltas = deltasOf(times)
    if (deltas.length < 3) return 0
    const mean = deltas.reduce((sum, delta) => sum + delta, 0) / deltas.length
    const square = deltas.reduce((sum, delta) => sum + (delta - mean) ** 2, 0) / deltas.length
    return mean === 0 ? 0 : Math.max(0, 1 - Math.sqrt(square) / mean)
  },
}

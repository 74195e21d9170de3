/**
 * Elastic's network beaconing package: counts a minute over 6 hours, then either little variation of
 * the counts (relative deviation at most 0.1 between the 10th and 80th percentile) or an
 * autocovariance of at least 0.7 at a period of 2 minutes to a sixth of the span, averaged over the
 * multiples of the period. Each 6 hours of a series is scored, and the best counts.
 */
import { type Peer, windowsOf } from './peer.ts'

const MINUTE = 60_000
const BUCKETS = 360
const MIN_PERIODS = 6
const MIN_NOT_EMPTY = 0.5
const MAX_VARIATION = 0.1

function windowScore(times: Float64Array): number {
  const start = Math.floor((times[0] as number) / MINUTE)
  const length = Math.floor((times[times.length - 1] as number) / MINUTE) - start + 1
  const counts = new Float64Array(length)
  for (const at of times) {
    const bucket = Math.floor(at / MINUTE) - start
    counts[bucket] = (counts[bucket] as number) + 1
  }
  const filled = counts.filter((count) => count > 0).sort()
  const n = filled.length
  if (length < 2 * MIN_PERIODS || n < MIN_PERIODS + 1) return 0
  if (n > MIN_NOT_EMPTY * length) {
    const at = (share: number): number =>
      filled[Math.min(Math.floor(share * n + 0.5), n - 1)] as number
    const [low, high] = [at(0.1), at(0.8)]
    const kept = counts.filter((count) => count >= low && count <= high)
    const mean = kept.reduce((sum, count) => sum + count, 0) / kept.length
    const deviation = Math.sqrt(
      kept.reduce((sum, count) => sum + (count - mean) ** 2, 0) / kept.length,
    )
    if (deviation <= MAX_VARIATION * mean) return 1
  }
  const most = Math.floor(length / MIN_PERIODS)
  const covariance = new Float64Array(most + 1)
  for (let period = 2; period <= most; period++) {
    covariance[period] = correlation(counts, period)
  }
  let best = 0
  for (let period = 2; period <= most; period++) {
    let sum = 0
    let multiples = 0
    for (let multiple = period; multiple <= most; multiple += period) {
      sum += covariance[multiple] as number
      multiples++
    }
    best = Math.max(best, sum / multiples)
  }
  return best
}

function correlation(counts: Float64Array, lag: number): number {
  const n = counts.length - lag
  let mean = 0
  for (const count of counts) mean += count / counts.length
  let xx = 0
  let yy = 0
  let xy = 0
  for (let i = 0; i < n; i++) {
    const x = (counts[i] as number) - mean
    const y = (counts[i + lag] as number) - mean
    xx += x * x
    yy += y * y
    xy += x * y
  }
  const scale = Math.sqrt(xx * yy)
  return scale === 0 ? 1 : xy / scale
}

export const elastic: Peer = {
  name: 'Elastic beaconing',
  source: 'github.com/elastic/integrations packages/beaconing transform.yml, max_jitter 0',
  threshold: 0.7,
  score: (times) => {
    const windows = windowsOf(times, BUCKETS * MINUTE)
    return windows.reduce((best, window) => Math.max(best, windowScore(window)), 0)
  },
}

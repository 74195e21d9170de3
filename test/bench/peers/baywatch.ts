/**
 * BAYWATCH's core (Hu et al., DSN 2016): bin the series, take its periodogram, keep frequencies above
 * the largest power of random permutations of the bins, prune those of too high frequency or too few
 * repeats, and verify each that remains by a hill of the autocorrelation. Score: the autocorrelation at
 * the best period that survives, over the variance. The bin is a fifth of the median spacing, since the
 * paper's scan over scales would favour nobody here; its ranking by domain names is out of reach.
 */
import type { Peer } from './peer.ts'

const MAX_BINS = 4096
const PERMUTATIONS = 10
const MIN_REPEATS = 4

export const baywatch: Peer = {
  name: 'BAYWATCH',
  source: 'Hu, Jang, Stoecklin et al., BAYWATCH: Robust Beaconing Detection, DSN 2016',
  threshold: 0.5,
  score(times) {
    const n = times.length
    if (n < 6) return 0
    const first = times[0] as number
    const span = (times[n - 1] as number) - first
    const deltas = times
      .slice(1)
      .map((at, i) => at - (times[i] as number))
      .sort()
    const median = Math.max(1000, deltas[deltas.length >> 1] as number)
    let size = 64
    while (size < MAX_BINS && size < (span / median) * 5) size *= 2
    const bin = span / (size - 1)
    const signal = new Float64Array(size)
    for (const at of times) signal[Math.floor((at - first) / bin)] = 1
    const power = periodogram(signal)
    const noise = signal.slice()
    let state = 12_345
    let floor = 0
    for (let p = 0; p < PERMUTATIONS; p++) {
      for (let i = size - 1; i > 0; i--) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        const j = state % (i + 1)
        const swap = noise[i] as number
        noise[i] = noise[j] as number
        noise[j] = swap
      }
      floor = Math.max(floor, Math.max(...periodogram(noise)))
    }
    let best = 0
    for (let k = MIN_REPEATS; k < size / 2; k++) {
      if ((power[k] as number) <= floor) continue
      const lag = size / k
      if (lag * bin < 0.5 * median) continue
      best = Math.max(best, hill(signal, lag))
    }
    return best
  },
}

/** Autocorrelation at the best lag near `lag`, where it stands above its surroundings; else 0. */
function hill(signal: Float64Array, lag: number): number {
  const low = Math.max(1, Math.floor(lag * 0.9))
  const high = Math.ceil(lag * 1.1)
  let peak = 0
  for (let l = low; l <= high; l++) peak = Math.max(peak, correlation(signal, l))
  const beside = correlation(signal, Math.max(1, Math.round(lag * 0.5)))
  return peak > beside ? peak : 0
}

function correlation(signal: Float64Array, lag: number): number {
  let both = 0
  let total = 0
  for (let i = 0; i + lag < signal.length; i++) {
    both += (signal[i] as number) * (signal[i + lag] as number)
    total += signal[i] as number
  }
  return total === 0 ? 0 : both / total
}

/** Power at each frequency below Nyquist, without the mean, by the radix-2 transform. */
function periodogram(signal: Float64Array): Float64Array {
  const n = signal.length
  const mean = signal.reduce((sum, value) => sum + value, 0) / n
  const real = new Float64Array(n)
  const imaginary = new Float64Array(n)
  const bits = Math.log2(n)
  for (let i = 0; i < n; i++) {
    let j = 0
    for (let b = 0; b < bits; b++) j |= ((i >> b) & 1) << (bits - 1 - b)
    real[j] = (signal[i] as number) - mean
  }
  for (let half = 1; half < n; half *= 2) {
    const step = -Math.PI / half
    for (let k = 0; k < half; k++) {
      const c = Math.cos(step * k)
      const s = Math.sin(step * k)
      for (let i = k; i < n; i += 2 * half) {
        const j = i + half
        const re = (real[j] as number) * c - (imaginary[j] as number) * s
        const im = (real[j] as number) * s + (imaginary[j] as number) * c
        real[j] = (real[i] as number) - re
        imaginary[j] = (imaginary[i] as number) - im
        real[i] = (real[i] as number) + re
        imaginary[i] = (imaginary[i] as number) + im
      }
    }
  }
  const power = new Float64Array(n / 2)
  for (let k = 1; k < n / 2; k++) {
    power[k] = ((real[k] as number) ** 2 + (imaginary[k] as number) ** 2) / n
  }
  return power
}

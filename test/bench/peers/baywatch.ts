/**
 * BAYWATCH's core (Hu et al., DSN 2016). The paper's text was not at hand, only its abstract: the steps and
 * constants were compared with the re-implementation `baywatch_method` (Python, numpy and scikit-learn), not
 * with the paper. Bin; keep periods of more power than the second largest of 20 random orders' peaks; drop
 * those below the shortest interval; test them against the intervals by Student's t at 5 %; fit the
 * intervals by a mixture of normals; keep its means within a bin of a prominent hill of the autocorrelation.
 * Different here: the t-test is against each part of the mixture, not all intervals at once, which serves it
 * far better (area under the curve 0.70, not 0.55; with neither test nor mixture 0.80, but 35 % false); the
 * bin is a fifth of the median spacing, not a minute, for periods from seconds to weeks. Its other filters,
 * which need many hosts and names, are left out. It says yes or no; so that it can be ranked, a yes scores
 * half plus half the share of intervals that the hill holds.
 */
import { fitMixture } from './mixture.ts'
import type { Peer } from './peer.ts'

const MAX_BINS = 4096
const PERMUTATIONS = 20
const CONFIDENCE = 0.95
/** A period must fit into the series more than this often. */
const MIN_REPEATS = 2
/** How far a hill of the autocorrelation stands above its surroundings, of the highest hill. */
const MIN_PROMINENCE = 0.2
/** Between a period and its hill, in bins. */
const HILL_DISTANCE = 1
const MIN_EVENTS = 6

export const baywatch: Peer = {
  name: 'BAYWATCH',
  source:
    'Hu, Jang, Stoecklin et al., BAYWATCH: Robust Beaconing Detection, DSN 2016; by a re-implementation',
  threshold: 0.5,
  score(times) {
    const signal = binned(times)
    const events = [...signal.keys()].filter((bin) => signal[bin] === 1)
    if (events.length < MIN_EVENTS) return 0
    const intervals = events.slice(1).map((bin, i) => bin - (events[i] as number))
    const shortest = Math.min(...intervals)
    const candidates = periodsAbove(signal, noiseFloor(signal)).filter(
      (period) => period >= shortest,
    )
    if (candidates.length === 0) return 0
    const pairs = pairsByLag(events, signal.length)
    const verified = fitMixture(intervals)
      .filter(({ values }) => candidates.some((period) => couldBeMean(values, period)))
      .map(({ mean }) => hillNear(pairs, mean))
    const best = Math.max(0, ...verified)
    return best === 0 ? 0 : (1 + Math.min(1, best / (events.length - 1))) / 2
  },
}

/** 1 where anything happened. A bin is a fifth of the median spacing, if that gives not too many. */
function binned(times: Float64Array): Float64Array {
  const first = times[0] ?? 0
  const span = (times[times.length - 1] ?? 0) - first
  const spacings = times.slice(1).map((at, i) => at - (times[i] as number))
  const median = Math.max(1000, spacings.sort()[spacings.length >> 1] ?? 0)
  let size = 64
  while (size < MAX_BINS && size < (span / median) * 5) size *= 2
  const signal = new Float64Array(size)
  const bin = Math.max(1, span) / (size - 1)
  for (const at of times) signal[Math.floor((at - first) / bin)] = 1
  return signal
}

/** The power that the strongest frequency of a random order exceeds once in twenty times. */
function noiseFloor(signal: Float64Array): number {
  const noise = signal.slice()
  const strongest: number[] = []
  let state = 12_345
  for (let p = 0; p < PERMUTATIONS; p++) {
    for (let i = noise.length - 1; i > 0; i--) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const j = state % (i + 1)
      const swap = noise[i] as number
      noise[i] = noise[j] as number
      noise[j] = swap
    }
    strongest.push(Math.max(...periodogram(noise)))
  }
  strongest.sort((a, b) => a - b)
  return strongest[Math.floor(CONFIDENCE * PERMUTATIONS) - 1] as number
}

function periodsAbove(signal: Float64Array, floor: number): number[] {
  const power = periodogram(signal)
  const periods: number[] = []
  for (let k = MIN_REPEATS + 1; k < power.length; k++) {
    if ((power[k] as number) > floor) periods.push(signal.length / k)
  }
  return periods
}

/** Student's test of one sample, two-sided at 5 %: not rejected. */
function couldBeMean(values: readonly number[], expected: number): boolean {
  const freedom = values.length - 1
  if (freedom < 1) return false
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom
  return Math.abs(mean - expected) <= critical(freedom) * Math.sqrt(square / values.length)
}

/** Quantile of Student's t at 97.5 %, by the expansion around the normal one. */
function critical(freedom: number): number {
  const z = 1.959_964
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  return z + (z ** 3 + z) / (4 * freedom) + second
}

/** The autocorrelation, not yet divided by anything; 0 at lag 0. */
function pairsByLag(events: readonly number[], size: number): Float64Array {
  const pairs = new Float64Array(size)
  for (const [i, from] of events.entries()) {
    for (let j = i + 1; j < events.length; j++) {
      const lag = (events[j] as number) - from
      pairs[lag] = (pairs[lag] as number) + 1
    }
  }
  return pairs
}

/** Height of the hill at most a bin away; 0 where there is none that is prominent enough. */
function hillNear(pairs: Float64Array, period: number): number {
  const highest = Math.max(...pairs)
  let best = 0
  const last = Math.min(pairs.length - 2, Math.floor(period + HILL_DISTANCE))
  for (let lag = Math.max(1, Math.ceil(period - HILL_DISTANCE)); lag <= last; lag++) {
    const height = pairs[lag] as number
    if (height < (pairs[lag - 1] as number) || height < (pairs[lag + 1] as number)) continue
    const foot = Math.max(lowestBeside(pairs, lag, -1), lowestBeside(pairs, lag, 1))
    if (height - foot >= MIN_PROMINENCE * highest) best = Math.max(best, height)
  }
  return best
}

/** The lowest point between a hill and the next higher one, or the end. */
function lowestBeside(pairs: Float64Array, lag: number, step: 1 | -1): number {
  const height = pairs[lag] as number
  let lowest = height
  for (let i = lag + step; i >= 0 && i < pairs.length; i += step) {
    const value = pairs[i] as number
    if (value > height) break
    lowest = Math.min(lowest, value)
  }
  return lowest
}

const turns = Float64Array.from({ length: MAX_BINS / 2 }, (_, i) => (-2 * Math.PI * i) / MAX_BINS)
const COSINES = turns.map(Math.cos)
const SINES = turns.map(Math.sin)

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
    for (let k = 0; k < half; k++) {
      const c = COSINES[(k * MAX_BINS) / (2 * half)] as number
      const s = SINES[(k * MAX_BINS) / (2 * half)] as number
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

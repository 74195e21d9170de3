/** Another detector, from its published formulas, fed the same times of connections. */
export interface Peer {
  readonly name: string
  /** Where the formulas are published. */
  readonly source: string
  /** Its own line between a beacon and none. */
  readonly threshold: number
  /** 0 to 1. @param times ascending, UTC ms */
  score(times: Float64Array): number
}

const SECOND = 1000
export const DAY = 86_400 * SECOND

/** The parts of a series that fall into consecutive windows, as a detector that looks at a day sees it. */
export function windowsOf(times: Float64Array, widthMs: number, stepMs = widthMs): Float64Array[] {
  const windows: Float64Array[] = []
  const first = times[0] ?? 0
  const last = times[times.length - 1] ?? 0
  let low = 0
  let high = 0
  for (let from = Math.floor(first / stepMs) * stepMs; from <= last; from += stepMs) {
    while (low < times.length && (times[low] as number) < from) low++
    while (high < times.length && (times[high] as number) < from + widthMs) high++
    if (high - low > 3) windows.push(times.subarray(low, high))
  }
  return windows
}

/** Spacings in whole seconds, as these detectors have them. */
export function deltasOf(times: Float64Array): number[] {
  const deltas: number[] = []
  for (let i = 1; i < times.length; i++) {
    deltas.push(
      Math.floor((times[i] as number) / SECOND) - Math.floor((times[i - 1] as number) / SECOND),
    )
  }
  return deltas
}

export function quartiles(sorted: readonly number[]): [number, number, number] {
  const at = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.round(q * (sorted.length - 1)))] ?? 0
  return [at(0.25), at(0.5), at(0.75)]
}

export function medianDeviation(sorted: readonly number[], median: number): number {
  const deviations = sorted.map((value) => Math.abs(value - median)).sort((a, b) => a - b)
  return quartiles(deviations)[1]
}

/** Bowley's skewness, 0 where the quartiles lie within `least` or the median on one of them. */
export function bowley(
  [low, middle, high]: readonly [number, number, number],
  least: number,
): number {
  const spread = high - low
  if (spread < least || middle === low || middle === high) return 0
  return (low + high - 2 * middle) / spread
}

/**
 * Locked to a grid: fold the times on a period and look for a window of the cycle that is hit in
 * more cycles than any other window. Counting cycles and not points makes bursts and sessions
 * harmless: a cycle counts once a window, however many points it has there.
 *
 * The expectation is taken from the series itself: the mean over all windows (for short periods), or
 * over those within 45 minutes (for periods of hours and days, where people have habits too). A
 * routine that keeps the hour but not the minute therefore explains itself and does not pass.
 *
 * It is the epoch folding of pulsar astronomy with the occupancy of cycles in the place of counts,
 * and answers the question of the H-test (de Jager 1989) without assuming independent points.
 */
import { surpriseNats } from './stats.ts'

/** Half of what a person's routine spans around its hour. */
export const ROUTINE_MS = 45 * 60_000
/** Most windows of a fold: a day in steps of one minute. */
const MAX_WINDOWS = 2048

const occupancy = new Uint16Array(MAX_WINDOWS)
const lastCycle = new Int32Array(MAX_WINDOWS)

export interface Fold {
  readonly periodMs: number
  /** The window `[startMs, startMs + widthMs)` of the cycle, on the folded time axis. */
  readonly startMs: number
  readonly widthMs: number
  /** Cycles hit in the window, of those with any point in its surroundings. */
  readonly hits: number
  readonly cycles: number
  /** Surprise under "as often as its surroundings", windows tried taken off. */
  readonly nats: number
}

/**
 * @param times ascending ms, on the axis to be folded (UTC, or local for calendar periods)
 * @param widthMs half-overlapping windows of this width are tried
 * @param localOnly compare with the surroundings of a routine, not with the whole cycle
 */
export function fold(
  times: Float64Array,
  periodMs: number,
  widthMs: number,
  localOnly: boolean,
): Fold | undefined {
  const windows = Math.round(periodMs / (widthMs / 2))
  if (windows < 4 || windows > MAX_WINDOWS) return undefined
  const stepMs = periodMs / windows
  occupancy.fill(0, 0, windows)
  lastCycle.fill(-1, 0, windows)
  const origin = Math.floor((times[0] as number) / periodMs)
  let cycles = 0
  let previous = -1
  let total = 0
  for (let i = 0; i < times.length; i++) {
    const turns = (times[i] as number) / periodMs
    const whole = Math.floor(turns)
    const cycle = whole - origin
    if (cycle !== previous) {
      cycles++
      previous = cycle
    }
    const bin = Math.min(windows - 1, Math.floor((turns - whole) * windows))
    // A window is this bin and the next: the point lies in the one that starts here and the one before.
    for (const window of [bin, bin === 0 ? windows - 1 : bin - 1]) {
      if (lastCycle[window] === cycle) continue
      lastCycle[window] = cycle
      occupancy[window] = (occupancy[window] as number) + 1
      total++
    }
  }
  let peak = 0
  for (let w = 1; w < windows; w++) {
    if ((occupancy[w] as number) > (occupancy[peak] as number)) peak = w
  }
  const hits = occupancy[peak] as number
  const reach = localOnly ? Math.round(ROUTINE_MS / stepMs) : windows
  if (2 * reach >= windows) {
    const nats = surpriseNats(hits - 1, cycles - 1, total / windows / cycles) - Math.log(windows)
    return { periodMs, startMs: peak * stepMs, widthMs: 2 * stepMs, hits, cycles, nats }
  }
  let around = 0
  for (let w = peak - reach; w < peak + reach; w++) {
    around += occupancy[(w + windows) % windows] as number
  }
  const nearby = cyclesNear(times, periodMs, (peak + 1) * stepMs, reach * stepMs)
  const elsewhere = Math.max(1, Math.min(windows / reach / 2, 1 + (total - around) / 2))
  const nats =
    surpriseNats(hits - 1, nearby - 1, around / (2 * reach) / nearby) -
    Math.log(2 * reach * elsewhere)
  return { periodMs, startMs: peak * stepMs, widthMs: 2 * stepMs, hits, cycles: nearby, nats }
}

/** Cycles with a point within `reachMs` of `centerMs` of the cycle. */
function cyclesNear(times: Float64Array, periodMs: number, centerMs: number, reachMs: number) {
  let count = 0
  let previous = Number.NaN
  for (let i = 0; i < times.length; i++) {
    const turns = ((times[i] as number) - centerMs) / periodMs
    const cycle = Math.round(turns)
    if (cycle !== previous && Math.abs(turns - cycle) * periodMs <= reachMs) {
      count++
      previous = cycle
    }
  }
  return Math.max(1, count)
}

/**
 * Finds holes in the numbering of audit events: the kernel numbers them one by one, so a number that
 * never comes is an event that auditd or its dispatcher dropped. Pure; time is event time.
 *
 * Events interleave, so a number may come a little later than the next one: a hole is believed only
 * when it is old.
 */

export interface SerialGap {
  readonly count: number
  /** Time of the last event before the hole, and of the first behind it. */
  readonly fromMs: number
  readonly toMs: number
}

export interface SerialTracker {
  see(serial: number, atMs: number): void
  /** Holes that are older than the patience at `nowMs`, and forgets them. */
  expire(nowMs: number): readonly SerialGap[]
  /** All holes, however young. */
  end(): readonly SerialGap[]
}

interface Hole {
  first: number
  count: number
  readonly fromMs: number
  readonly toMs: number
}

/** A further jump is a new numbering (a reboot, another log behind this one), not a loss. */
const MAX_JUMP = 1_000_000
/** Holes waited for at once; more are believed early. */
const MAX_HOLES = 1024

/** @param patienceMs how long a number may be late */
export function serialTracker(patienceMs: number): SerialTracker {
  let last: number | undefined
  let lastMs = 0
  let holes: Hole[] = []

  /** A late number takes itself out of its hole, which it may split. */
  function fill(serial: number): void {
    const at = holes.findIndex((hole) => distance(hole.first, serial) >>> 0 < hole.count)
    const hole = holes[at]
    if (hole === undefined) return
    const before = distance(hole.first, serial)
    const after = hole.count - before - 1
    const rest: Hole[] = []
    if (before > 0) rest.push({ ...hole, count: before })
    if (after > 0) rest.push({ ...hole, first: (serial + 1) >>> 0, count: after })
    holes.splice(at, 1, ...rest)
  }

  function take(isOld: (hole: Hole) => boolean): readonly SerialGap[] {
    const old = holes.filter(isOld)
    if (old.length > 0) holes = holes.filter((hole) => !isOld(hole))
    return old.map(({ count, fromMs, toMs }) => ({ count, fromMs, toMs }))
  }

  return {
    see(serial, atMs) {
      if (serial === last) return
      const ahead = last === undefined ? 1 : distance(last, serial)
      if (ahead <= 0 && ahead > -MAX_JUMP && atMs <= lastMs + patienceMs) {
        fill(serial)
        return
      }
      if (ahead > 1 && ahead <= MAX_JUMP && last !== undefined) {
        holes.push({ first: (last + 1) >>> 0, count: ahead - 1, fromMs: lastMs, toMs: atMs })
      }
      last = serial
      lastMs = atMs
    },
    expire(nowMs) {
      if (holes.length === 0) return []
      const tooMany = holes.length - MAX_HOLES
      const early = new Set(tooMany > 0 ? holes.slice(0, tooMany) : [])
      return take((hole) => Math.abs(nowMs - hole.toMs) > patienceMs || early.has(hole))
    },
    end: () => take(() => true),
  }
}

/** From `a` to `b` in 32-bit numbering that rolls over: negative where `b` is behind. */
const distance = (a: number, b: number): number => (b - a) | 0

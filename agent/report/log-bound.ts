/**
 * Bounds what the agent's own log takes, whatever goes on: of each kind of line so many at once, and
 * then one a minute. What was left out is counted and told in one line. Time is handed in.
 */

/** Of one kind: what a start tells, and a bad hour begins with. */
const AT_ONCE = 20
/** Then one in so long, ms: 1,440 a day of one kind. */
const EVERY_MS = 60_000
/** Kinds that are told apart; what comes beyond them is one kind. */
const MAX_KINDS = 32
const REST = 'other'
/** What was left out is told this often, ms. */
const TELL_MS = 10 * 60_000

export interface LogBound {
  /** @returns whether a line of this kind may be written, which takes its place */
  admits(kind: string): boolean
  /** Counts a line that was not. */
  omit(kind: string): void
  /** What to say of lines that were left out, when it is time to; else `undefined`. */
  omitted(): string | undefined
}

interface Room {
  lines: number
  sinceMs: number
}

export function logBound(now: () => number): LogBound {
  const rooms = new Map<string, Room>()
  let left = new Map<string, number>()
  let toldMs = Number.NEGATIVE_INFINITY

  const named = (kind: string): string => (rooms.has(kind) || rooms.size < MAX_KINDS ? kind : REST)

  return {
    admits(kind) {
      const nowMs = now()
      const name = named(kind)
      const room = rooms.get(name) ?? { lines: AT_ONCE, sinceMs: nowMs }
      rooms.set(name, room)
      // A clock that was set back gives nothing, and takes nothing.
      const gained = Math.max(0, Math.floor((nowMs - room.sinceMs) / EVERY_MS))
      room.lines = Math.min(AT_ONCE, room.lines + gained)
      room.sinceMs = nowMs < room.sinceMs ? nowMs : room.sinceMs + gained * EVERY_MS
      if (room.lines === 0) return false
      room.lines--
      return true
    },
    omit(kind) {
      const name = named(kind)
      left.set(name, (left.get(name) ?? 0) + 1)
    },
    omitted() {
      const nowMs = now()
      if (left.size === 0 || Math.abs(nowMs - toldMs) < TELL_MS) return undefined
      toldMs = nowMs
      const counts = [...left].map(([kind, count]) => `${kind} ${count}`).join(', ')
      left = new Map()
      return `lines left out of this log, which is bounded: ${counts}; agent status has how it is now`
    },
  }
}

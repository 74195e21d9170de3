import type { Clock } from '../../platform/collector.ts'

/** A clock that ticks `count` times at once, `everyMs` apart, starting at `startMs`. */
export function fakeClock(startMs: number, count: number): Clock {
  let nowMs = startMs
  return {
    now: () => nowMs,
    async *ticks(everyMs, signal) {
      for (let i = 0; i < count && !signal.aborted; i++, nowMs += everyMs) yield nowMs
    },
  }
}

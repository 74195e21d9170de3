/**
 * The real clock. Ticks keep their grid: a slow consumer misses beats, and gets neither a burst of
 * late ones nor a shifted grid. It is one grid for all: what ticks every 4 s wakes the process together
 * with what ticks every 2 s, so that a host that rests is woken less often. Ticks are timed by the
 * monotonic clock, so that setting the wall clock neither stops nor doubles them; the time they yield
 * is the wall clock's.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../platform/collector.ts'

/** A timer above this many ms fires at once (a signed 32-bit number). */
const MAX_TIMER_MS = 2 ** 31 - 1

export interface SystemClock extends Clock {
  /** Returns after `ms`, or as soon as `signal` aborts; never throws. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export function systemClock(): SystemClock {
  return {
    now: () => Date.now(),
    async *ticks(everyMs, signal) {
      for (let beat = Math.floor(performance.now() / everyMs); !signal.aborted; ) {
        yield Date.now()
        beat = Math.max(beat + 1, Math.ceil(performance.now() / everyMs))
        await sleep(beat * everyMs - performance.now(), signal)
      }
    },
    sleep,
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + ms
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs = endMs - performance.now()) {
    try {
      // Rounded up: a timer cuts off the fraction, and one that fires too early is a second wake-up.
      await wait(Math.min(Math.ceil(leftMs), MAX_TIMER_MS), undefined, { signal })
    } catch (error) {
      // The only other outcome of a timer is that it was aborted.
      if (!signal.aborted) throw error
    }
  }
}

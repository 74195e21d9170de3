/**
 * How far behind the agent is: the age of the newest event of each batch when it comes. What a source
 * tells of the past at a start (a log read on from its bookmark) is lag too, and passes.
 */
import type { Batch } from '../platform/collector.ts'
import type { EpochMs } from '../platform/event.ts'

export interface LagMeter {
  note(batch: Batch, nowMs: EpochMs): void
  /** The largest since the last call, ms; `undefined` where nothing came. Begins anew. */
  take(): number | undefined
}

export function lagMeter(): LagMeter {
  let largestMs: number | undefined
  return {
    note({ events }, nowMs) {
      let newestMs: EpochMs | undefined
      for (const { kind, atMs } of events) {
        // A job's definition has the time when it was written; a loss is told when it is noticed.
        if (kind === 'schedule-change' || kind === 'loss') continue
        if (newestMs === undefined || atMs > newestMs) newestMs = atMs
      }
      if (newestMs !== undefined) largestMs = Math.max(largestMs ?? 0, nowMs - newestMs)
    },
    take() {
      const lagMs = largestMs
      largestMs = undefined
      return lagMs
    },
  }
}

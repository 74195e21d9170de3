/**
 * The path of the data, as one can read it: events become transfers, transfers are stored, series that
 * changed are assessed, what recurs is judged, and what matters becomes an alert in the outbox.
 */
import type { Batch } from '../platform/collector.ts'
import type { EpochMs } from '../platform/event.ts'
import type { SeriesObservation } from '../storage/store.ts'
import type { Analyst } from './analyst.ts'
import type { Correlated, Correlator } from './correlate/correlator.ts'
import type { RecordedTransfer } from './correlate/transfers.ts'
import type { Destinations } from './destinations.ts'
import { type DueBook, sweep } from './detect/due.ts'
import type { Recorder } from './recorder.ts'

/** Of the event loop, ms: collectors and the control socket wait no longer than this. */
const SLICE_MS = 10
/** Series whose changes are counted; what falls out is assessed once more than needed. */
const MAX_COUNTED = 200_000

export interface PipelineOptions {
  readonly correlator: Correlator
  readonly recorder: Recorder
  readonly destinations: Destinations
  readonly analyst: Analyst
  readonly due: DueBook
  /** A monotonic clock, ms. */
  readonly monotonicMs: () => number
}

export interface Pipeline {
  /** Takes what a collector saw: stored, with its bookmark, before this returns. */
  take(dataset: string, batch: Batch): void
  /** Time goes on: lets go what waited, tries the disk again. */
  tick(nowMs: EpochMs): void
  /** Takes up a series that the store knew before this start. */
  resume(seriesKey: string): void
  /**
   * Assesses series that changed, for at most `SLICE_MS`, and one at least.
   * @returns whether some are still due: call again from a fresh turn of the event loop
   */
  assess(nowMs: EpochMs): boolean
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { correlator, recorder, destinations, analyst, due } = options
  /** Changes of each series since start: a transfer that is better known counts as well. */
  const changes = new Map<string, number>()

  function changed(seriesKey: string): void {
    const count = (changes.get(seriesKey) ?? 0) + 1
    changes.delete(seriesKey)
    changes.set(seriesKey, count)
    due.observed(seriesKey, count)
    if (changes.size <= MAX_COUNTED) return
    const oldest = changes.keys().next().value as string
    changes.delete(oldest)
    due.forget(oldest)
  }

  function assessOne(seriesKey: string, nowMs: EpochMs): void {
    const analysis = analyst.analyze(seriesKey, nowMs)
    if (analysis === undefined) {
      changes.delete(seriesKey)
      due.forget(seriesKey)
      return
    }
    recorder.record(analysis.batch)
    const { periods, next } = analysis.assessment
    const beat = next && {
      periodMs: periods[0]?.periodMs ?? 0,
      nextMs: next.atMs,
      toleranceMs: next.toleranceMs,
    }
    due.assessed(seriesKey, changes.get(seriesKey) ?? 0, beat)
  }

  function store(
    correlated: Correlated,
    batch: Batch,
    bookmarks: ReadonlyMap<string, string>,
  ): void {
    const { transfers, gaps, schedules, forgottenSchedules } = correlated
    const isEmpty =
      transfers.length + gaps.length + schedules.length + forgottenSchedules.length === 0
    if (isEmpty && batch.events.length === 0 && bookmarks.size === 0) return
    recorder.record({
      events: batch.events,
      observations: transfers.map(observationOf),
      ...{ gaps, bookmarks, schedules, forgottenSchedules },
    })
    for (const { identity, transfer } of transfers) {
      destinations.learn(identity, transfer.startMs)
      changed(identity.key)
    }
  }

  return {
    take(dataset, batch) {
      const bookmarks = new Map(batch.bookmark === undefined ? [] : [[dataset, batch.bookmark]])
      store(correlator.push(batch.events), batch, bookmarks)
    },
    tick(nowMs) {
      recorder.retry()
      store(correlator.advance(nowMs), { events: [] }, new Map())
    },
    resume: changed,
    assess(nowMs) {
      due.tick(nowMs)
      sweep(due, (seriesKey) => assessOne(seriesKey, nowMs), SLICE_MS, options.monotonicMs)
      return due.dueCount > 0
    },
  }
}

function observationOf({ identity, transfer }: RecordedTransfer): SeriesObservation {
  const { startMs, sentBytes, receivedBytes, connections } = transfer
  return {
    identity,
    observation: {
      atMs: startMs,
      connections,
      ...(sentBytes !== undefined && { sentBytes }),
      ...(receivedBytes !== undefined && { receivedBytes }),
    },
    context: JSON.stringify(transfer),
  }
}

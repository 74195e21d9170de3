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
import type { DueSeries } from './detect/due.ts'
import type { Recorder } from './recorder.ts'

export interface PipelineOptions {
  readonly correlator: Correlator
  readonly recorder: Recorder
  readonly destinations: Destinations
  readonly analyst: Analyst
  readonly due: DueSeries
}

export interface Pipeline {
  /** Takes what a collector saw: stored, with its bookmark, before this returns. */
  take(dataset: string, batch: Batch): void
  /** Time goes on: lets go what waited, tries the disk again. */
  tick(nowMs: EpochMs): void
  /**
   * Assesses series that changed, until none is due or `isOver` says that others want the turn.
   * @returns whether some are still due
   */
  assess(nowMs: EpochMs, isOver: () => boolean): boolean
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { correlator, recorder, destinations, analyst, due } = options

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
      due.changed(identity.key, transfer.startMs)
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
    assess(nowMs, isOver) {
      for (let key = due.next(nowMs); key !== undefined; key = due.next(nowMs)) {
        const analysis = analyst.analyze(key, nowMs)
        if (analysis !== undefined) {
          recorder.record(analysis.batch)
          due.assessed(key, analysis.assessment, nowMs)
        }
        if (isOver()) return true
      }
      return false
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

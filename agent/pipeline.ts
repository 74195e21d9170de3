/**
 * The path of the data, as one can read it: events become transfers, transfers are stored, series that
 * changed are assessed, what recurs is judged, and what matters becomes an alert in the outbox.
 */
import type { Batch } from '../platform/collector.ts'
import type { EpochMs } from '../platform/event.ts'
import type { SeriesObservation, Store } from '../storage/store.ts'
import type { Analysis, Analyst } from './analyst.ts'
import type { Correlated, Correlator } from './correlate/correlator.ts'
import type { RecordedTransfer } from './correlate/transfers.ts'
import type { Destinations } from './destinations.ts'
import { type DueBook, sweep } from './detect/due.ts'
import type { Recorder } from './recorder.ts'

/** Of the event loop, ms: collectors and the control socket wait no longer than this. */
const SLICE_MS = 5
/** Series whose growth is remembered; what falls out is asked of the store again. */
const MAX_REMEMBERED = 200_000

export interface PipelineOptions {
  readonly correlator: Correlator
  readonly recorder: Recorder
  readonly destinations: Destinations
  readonly analyst: Analyst
  readonly due: DueBook
  readonly store: Pick<Store, 'totalObservations'>
  /** A series with fewer transfers has no rhythm yet, and is not read. */
  readonly minObservations: number
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
  /** From now on series are judged so; see `reassess` for those that were judged already. */
  judgeBy(analyst: Analyst, minObservations: number): void
  /** Makes a series due though it has not changed: how it is judged has. */
  reassess(seriesKey: string): void
  /**
   * Assesses series that changed, for at most `SLICE_MS`, and one at least.
   * @returns whether some are still due: call again from a fresh turn of the event loop
   */
  assess(nowMs: EpochMs): boolean
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { correlator, recorder, destinations, due } = options
  let { analyst, minObservations } = options
  /** Transfers of each series, and how often one of them became better known. */
  const growth = new Map<string, number>()

  function changed(seriesKey: string): void {
    const before = growth.get(seriesKey)
    const grown = before === undefined ? options.store.totalObservations(seriesKey) : before + 1
    growth.delete(seriesKey)
    growth.set(seriesKey, grown)
    if (grown >= minObservations) due.observed(seriesKey, grown)
    if (growth.size > MAX_REMEMBERED) forget(growth.keys().next().value as string)
  }

  function forget(seriesKey: string): void {
    growth.delete(seriesKey)
    due.forget(seriesKey)
  }

  function assessOne(seriesKey: string, nowMs: EpochMs): Analysis | undefined {
    const analysis = analyst.analyze(seriesKey, nowMs)
    if (analysis === undefined) {
      forget(seriesKey)
      return undefined
    }
    const { periods, next } = analysis.assessment
    const beat = next && {
      periodMs: periods[0]?.periodMs ?? 0,
      nextMs: next.atMs,
      toleranceMs: next.toleranceMs,
    }
    due.assessed(seriesKey, growth.get(seriesKey) ?? 0, nowMs, beat)
    return analysis
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
    judgeBy(newAnalyst, newMinObservations) {
      analyst = newAnalyst
      minObservations = newMinObservations
    },
    reassess(seriesKey) {
      due.forget(seriesKey)
      changed(seriesKey)
    },
    assess(nowMs) {
      due.tick(nowMs)
      const done: Analysis[] = []
      const assessNext = (seriesKey: string): void => {
        const analysis = assessOne(seriesKey, nowMs)
        if (analysis !== undefined) done.push(analysis)
      }
      sweep(due, assessNext, SLICE_MS, options.monotonicMs)
      // One transaction for the slice: one a series would cost more than to assess it.
      if (done.length > 0) {
        recorder.record({
          findings: done.map(({ finding }) => finding),
          alerts: done.flatMap(({ alerts }) => alerts),
        })
      }
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

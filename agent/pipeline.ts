/**
 * The path of the data, as one can read it: events become transfers, transfers are stored, series that
 * changed are assessed, what recurs is judged, and what matters becomes an alert in the outbox.
 */
import type { Batch } from '../platform/collector.ts'
import type { EpochMs, Event } from '../platform/event.ts'
import type { SeriesObservation, Store } from '../storage/store.ts'
import type { Analysis, Analyst } from './analyst.ts'
import type { Correlator } from './correlate/correlator.ts'
import { textOf } from './correlate/transfer-text.ts'
import type { RecordedTransfer } from './correlate/transfers.ts'
import type { Destinations } from './destinations.ts'
import { type DueBook, sweep } from './detect/due.ts'
import type { Recorder } from './recorder.ts'

/** Of the event loop, ms: collectors and the control socket wait no longer than this. */
const SLICE_MS = 5
/**
 * What its source can tell again waits for company, as long as `store.writeInterval`, and for so many
 * events: one write for all costs the disk a tenth of one write for each.
 */
const MAX_WAITING = 4_000
/** In a flood, fewer: so many within so long, ms, are company enough, and a long write holds up all. */
const FLOOD_EVENTS = 1_000
const FLOOD_MS = 5_000
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
  /** What its source can tell again waits so long at most, ms. */
  readonly writeIntervalMs: () => number
  /** A monotonic clock, ms. */
  readonly monotonicMs: () => number
}

export interface Pipeline {
  /**
   * Takes what a collector saw. A batch without a bookmark is stored before this returns, and all that
   * waited with it. One with a bookmark may wait: after a kill its source tells it again.
   * So may one of processes alone: the next start reads the process table anew.
   */
  take(dataset: string, batch: Batch): void
  /** Stores what waits, in one transaction with its bookmarks. */
  flush(): void
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
  /** Recorded since start: whoever shows them looks again when it has grown. */
  readonly findings: number
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { correlator, recorder, destinations, due } = options
  let { analyst, minObservations } = options
  let events: Event[] = []
  const bookmarks = new Map<string, string>()
  let waitingSinceMs: number | undefined
  let findings = 0
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

  function flush(): void {
    waitingSinceMs = undefined
    const { transfers, ...rest } = correlator.drain()
    const { gaps, schedules, forgottenSchedules } = rest
    const isEmpty =
      transfers.length + gaps.length + schedules.length + forgottenSchedules.length === 0
    if (isEmpty && events.length === 0 && bookmarks.size === 0) return
    const observations = transfers.map(observationOf)
    recorder.record({ events, observations, bookmarks: new Map(bookmarks), ...rest })
    events = []
    bookmarks.clear()
    for (const { identity, transfer } of transfers) {
      destinations.learn(identity, transfer.startMs)
      changed(identity.key)
    }
  }

  return {
    take(dataset, batch) {
      correlator.take(batch.events)
      for (const event of batch.events) events.push(event)
      if (batch.bookmark !== undefined) bookmarks.set(dataset, batch.bookmark)
      waitingSinceMs ??= options.monotonicMs()
      const isTold = batch.bookmark !== undefined || !batch.events.some(isLasting)
      const isFlood = options.monotonicMs() - waitingSinceMs < FLOOD_MS
      if (!isTold || events.length >= (isFlood ? FLOOD_EVENTS : MAX_WAITING)) flush()
    },
    flush,
    tick(nowMs) {
      recorder.retry()
      correlator.pass(nowMs)
      waitingSinceMs ??= options.monotonicMs()
      if (options.monotonicMs() - waitingSinceMs >= options.writeIntervalMs()) flush()
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
        if (analysis?.finding !== undefined) done.push(analysis)
      }
      sweep(due, assessNext, SLICE_MS, options.monotonicMs)
      // One transaction for the slice: one a series would cost more than to assess it.
      findings += done.length
      if (done.length > 0) {
        recorder.record({
          findings: done.flatMap(({ finding }) => finding ?? []),
          alerts: done.flatMap(({ alerts }) => alerts),
        })
      }
      return due.dueCount > 0
    },
    get findings() {
      return findings
    },
  }
}

const isLasting = ({ kind }: Event): boolean => kind !== 'process-start' && kind !== 'process-end'

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
    ...textOf(transfer),
  }
}

/** The port between the senses and the brain: a collector, and what it is handed. */
import type { EpochMs, Event, Schedule } from './event.ts'

/** Where time comes from. `agent/main.ts` builds the real one. */
export interface Clock {
  now(): EpochMs
  /**
   * Yields the time now, then every `everyMs`; returns when `signal` aborts. Never throws. What a
   * collector does between one tick and the next is a look at its source: one that does not end is
   * given up, so the signal must be the one that `batches` was handed.
   */
  ticks(everyMs: number, signal: AbortSignal): AsyncIterable<EpochMs>
}

/** What a collector counts, from its start. `received = emitted + ignored + malformed + lost`. */
export interface CollectorCounters {
  /** Records read from the source. */
  received: number
  /** Records that went into an event handed on. */
  emitted: number
  /** Records of kinds that we do not read, or that told nothing new. */
  ignored: number
  /** Records that could not be read. */
  malformed: number
  /** Records read, but given up: their event was never complete. */
  lost: number
  /** Records that the source says it dropped, or whose absence shows in its numbering. Never received. */
  missed: number
}

export const zeroCounters = (): CollectorCounters => ({
  received: 0,
  emitted: 0,
  ignored: 0,
  malformed: 0,
  lost: 0,
  missed: 0,
})

/** Where a source was left off, for the next start: a cursor, an offset, a serial. */
export interface Bookmark {
  /** `undefined` where none was saved. */
  load(): string | undefined
}

/**
 * A batch of events in the order they were seen. `bookmark` is where the source stands behind this
 * batch: it is saved in the same transaction as what the events led to, so that it never runs ahead.
 */
export interface Batch {
  readonly events: readonly Event[]
  readonly bookmark?: string
}

/** What the senses of every system are handed. */
export interface SenseDeps {
  readonly clock: Clock
  /** Its own connections are not told. */
  readonly ownPid: number
  /** Job definitions known from an earlier start. */
  readonly knownSchedules: readonly Schedule[]
  /** What has waited longer than this in a collector is left out unread, and counted, ms. */
  readonly maxLagMs: () => number
}

/** One live source of events on this host. */
export interface Collector {
  /** ECS `event.dataset`, e.g. `linux.proc_net`. Unique in an agent. */
  readonly dataset: string
  /** One line for a person: what it watches. */
  readonly description: string
  readonly counters: CollectorCounters
  /** It is what connections are seen by: while it is away, their absence is unknown, not quiet. */
  readonly seesConnections?: true
  /** From its bookmark it reads the connections that were made while the agent was away. */
  readonly fillsAbsence?: true
  /**
   * Why it sees less than it could, one line with the remedy; `undefined` when all is well. Read at
   * any time while it runs.
   */
  degraded?(): string | undefined
  /**
   * How long the oldest has waited of what its source has handed to it, ms. Read at any time while it
   * runs; absent where nothing waits, as where each look reads what is there.
   */
  behindMs?(): number
  /**
   * Yields batches until `signal` aborts, then returns. Yields an empty batch when it wants its
   * bookmark saved with nothing to tell; one without a bookmark is a sign of life: it is ready to be
   * told by a source that it does not look at by the clock, or is in the midst of long work.
   *
   * A run that hangs is given up: its signal aborts, what it still yields is dropped, and another run
   * may have begun when it goes on. So it asks the signal before it touches what runs share.
   * @throws {SourceError} when the source is gone; the supervisor restarts it and records the gap.
   */
  batches(signal: AbortSignal, bookmark: Bookmark): AsyncIterable<Batch>
}

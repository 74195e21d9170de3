/** What the store keeps of transfers: series of observations, and the spans we were blind in. */
import type { EpochMs } from '../platform/event.ts'

/** One transfer, as a point of its series. */
export interface Observation {
  /** When the transfer began. A series holds one observation an instant. */
  readonly atMs: EpochMs
  /** Payload sent; `undefined` where no source could count. */
  readonly sentBytes?: number
  readonly receivedBytes?: number
  /** Connections that the run opened to this destination, at least 1. */
  readonly connections: number
}

/** A blind span `[fromMs, toMs)`: what happened in it is unknown. */
export interface Gap {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly reason: string
}

/** Who sends where: all that makes one series another than the next. */
export interface SeriesIdentity {
  /** Hash of the fields below but the transport: equal keys are the same story, also after a restart. */
  readonly key: string
  /** The script or program that a person would name; `undefined` where no source told. */
  readonly actor?: string
  readonly userId?: string
  /** The host that sends, where it is not this one (recordings of a network). */
  readonly sourceIp?: string
  readonly destinationIp?: string
  /** Names the destination where it is known; `destinationIp` is then the latest address. */
  readonly destinationDomain?: string
  readonly destinationPort: number
  /** The latest known; no part of the key, since a system call does not tell it. */
  readonly transport?: 'tcp' | 'udp'
}

/** Everything seen of one actor talking to one destination, oldest first, in bounded space. */
export interface Series {
  readonly identity: SeriesIdentity
  /** Ascending by `atMs`; the newest N. */
  readonly observations: readonly Observation[]
  /** Blind spans since the first observation, ascending. Those of the whole host. */
  readonly gaps: readonly Gap[]
  /** First ever seen, also where the ring has dropped that observation. */
  readonly firstSeenMs: EpochMs
  /** All observations ever, also the dropped. */
  readonly totalObservations: number
  /** The detector's latest word: a finding says more. */
  readonly isRecurring: boolean
  /** What the latest transfer has in common with those before (lineage, schedule, names), and what it
   * has not (process ids, times): both JSON of `agent/correlate/transfer-text.ts`. */
  readonly context?: string
  readonly latest?: string
}

/** An alert as the outbox keeps it until the endpoint has taken it. */
import type { EpochMs } from '../platform/event.ts'

export interface StoredAlert {
  /** Hash of series key and episode: sending it twice writes one document. */
  readonly id: string
  readonly seriesKey: string
  readonly createdMs: EpochMs
  readonly updatedMs: EpochMs
  /** The ECS document, JSON. */
  readonly document: string
  /** Raised by each update; the endpoint has taken `sentRevision`. */
  readonly revision: number
  readonly sentRevision: number
}

/** Where an alert of the outbox stands. */
export type AlertState = 'waiting' | 'sent' | 'rejected'

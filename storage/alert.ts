/** Findings and alerts, as the store keeps them. */
import type { EpochMs } from '../platform/event.ts'

/** The detector's latest word on a series, for status, alerts and the next start. */
export interface Finding {
  readonly seriesKey: string
  readonly assessedMs: EpochMs
  readonly verdict: 'recurring' | 'irregular' | 'undecided'
  /** 0 to 1. */
  readonly score: number
  /** 0 to 100. */
  readonly risk: number
  /**
   * What became of it: `alert` is told; `known` is benign by the baseline, `allowed` by the owner's
   * allowlist, `quiet` has too little risk, `learning` was found while learning.
   */
  readonly disposition: 'alert' | 'known' | 'allowed' | 'quiet' | 'learning'
  /** The assessment and the risk, JSON. */
  readonly detail: string
}

/** One alert: an episode of a series. It goes on as long as the episode does, under the same id. */
export interface AlertRecord {
  /** Hash of series key and episode: sending it twice writes one document. */
  readonly id: string
  readonly seriesKey: string
  readonly createdMs: EpochMs
  readonly updatedMs: EpochMs
  /** The ECS document, JSON. */
  readonly document: string
  /**
   * Whether the endpoint wants this revision: an episode that merely goes on is kept here and sent
   * at most as often as the budget allows.
   */
  readonly send: boolean
}

/** An alert of the outbox, and where it stands. */
export interface StoredAlert extends AlertRecord {
  /** Raised by each update that is to be sent: 0 until an output wants one. */
  readonly revision: number
  /** The revision that every output has taken; 0 for none. */
  readonly sentRevision: number
  /**
   * Which output refused the latest revision that was refused, and why, until a later one is taken
   * by all. It is not tried again there; the next is.
   */
  readonly rejected?: string
}

/** One revision of an alert, as an output answered it. */
export interface AlertRevision {
  readonly id: string
  readonly revision: number
}

/** What an output refused for good. */
export interface RejectedDocument extends AlertRevision {
  readonly reason: string
  /** As it was sent. */
  readonly document: string
}

/** A document that an output refused for good: kept for a person who wants to know why. */
export interface DeadLetter extends RejectedDocument {
  readonly output: string
  readonly atMs: EpochMs
}

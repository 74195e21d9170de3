/** What the correlator makes of events: one run's worth of connections to one destination. */
import type { CodeSignature, Endpoint, EpochMs, Schedule, User } from '../../platform/event.ts'

/** One process of a lineage, as far as it is known. */
export interface LineageProcess {
  readonly entityId: string
  readonly pid: number
  readonly executable?: string
  readonly name?: string
  readonly args?: readonly string[]
  /** Windows has it in place of `args`; its beginning. */
  readonly commandLine?: string
  readonly startMs?: EpochMs
  /** Who signed it (macOS). */
  readonly codeSignature?: CodeSignature
}

/**
 * One run of one actor sending to one destination: a run that opens 20 connections is one transfer.
 * The byte counts may come later than the transfer itself (conntrack tells them when a connection is
 * gone): the same `seriesKey` and `startMs` is then the same transfer, better known.
 */
export interface Transfer {
  readonly seriesKey: string
  readonly startMs: EpochMs
  /** Start of the last connection in it. */
  readonly endMs: EpochMs
  readonly connections: number
  /** The script or program that a person would name; `undefined` where no source told. */
  readonly actor?: string
  readonly user?: User
  readonly loginUser?: User
  /** The sending host's address, where a source told it. */
  readonly sourceIp?: string
  readonly destination: Endpoint
  readonly domain?: string
  readonly transport?: 'tcp' | 'udp'
  readonly sentBytes?: number
  readonly receivedBytes?: number
  /** The job that started it. */
  readonly schedule?: Schedule
  /** The process that connected first, then its parent, and so on up to the scheduler or init. */
  readonly lineage: readonly LineageProcess[]
  /** `event.dataset` of each source that saw it. */
  readonly datasets: readonly string[]
}

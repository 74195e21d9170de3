/** The port of the memory: what the agent writes and reads, whatever keeps it. */
import type { EpochMs, Event, Schedule } from '../platform/event.ts'
import type {
  AlertRecord,
  AlertRevision,
  DeadLetter,
  Finding,
  RejectedDocument,
  StoredAlert,
} from './alert.ts'
import type { Gap, Observation, Series, SeriesIdentity } from './series.ts'

/** One transaction: all of it is stored, or none. */
export interface StoreBatch {
  /** For the event ring. */
  readonly events?: readonly Event[]
  /** An observation of a known `atMs` replaces it: byte counts come late. */
  readonly observations?: readonly SeriesObservation[]
  readonly gaps?: readonly Gap[]
  /** By dataset: where its source stands behind these events. */
  readonly bookmarks?: ReadonlyMap<string, string>
  readonly findings?: readonly Finding[]
  readonly alerts?: readonly AlertRecord[]
  /** Job definitions as they now are; a deletion names its id in `forgottenSchedules`. */
  readonly schedules?: readonly Schedule[]
  readonly forgottenSchedules?: readonly string[]
}

export interface SeriesObservation {
  readonly identity: SeriesIdentity
  readonly observation: Observation
  /** Replaces `Series.context` where given; costs little where it says the same again. */
  readonly context?: string
  /** Replaces `Series.latest` where given, unless that is of a later observation. */
  readonly latest?: string
}

export interface StoreStats {
  readonly schemaVersion: number
  /** Size of the database file and its WAL, bytes. */
  readonly sizeBytes: number
  readonly maxBytes: number
  readonly events: number
  readonly oldestEventMs?: EpochMs
  readonly newestEventMs?: EpochMs
  readonly series: number
  /** Observations kept. */
  readonly transfers: number
  readonly oldestTransferMs?: EpochMs
  readonly newestTransferMs?: EpochMs
  readonly findings: {
    readonly recurring: number
    readonly known: number
    readonly allowed: number
  }
  readonly alerts: {
    /** Some output has not answered their latest revision. */
    readonly waiting: number
    /** Every output has taken one of their revisions. */
    readonly sent: number
  }
  /** Kept; the oldest go first. */
  readonly deadLetters: number
  /** Since the database was made. */
  readonly evictedEvents: number
  readonly evictedSeries: number
  readonly evictedAlerts: number
}

export interface Store {
  /** @throws {AgentError} `ERR_STORE_FULL` when the disk or the file is full; nothing was stored then. */
  record(batch: StoreBatch): void
  /** Raw events of `[fromMs, toMs)` that the ring still holds, in the order they were recorded. */
  events(fromMs: EpochMs, toMs: EpochMs): Iterable<Event>
  bookmark(dataset: string): string | undefined
  series(key: string): Series | undefined
  /** All observations ever of a series, for the cost of one look; 0 where it is not kept. */
  totalObservations(key: string): number
  /** Keys of all series, most recently observed first; of those seen more than twice, by the hour. */
  seriesKeys(): readonly string[]
  gaps(sinceMs: EpochMs): readonly Gap[]
  finding(seriesKey: string): Finding | undefined
  /** Recurring ones, highest risk first. */
  findings(limit: number): readonly Finding[]
  schedules(): readonly Schedule[]
  alert(id: string): StoredAlert | undefined
  /** Newest update first. */
  alerts(limit: number): readonly StoredAlert[]
  /** The outputs that alerts are kept for from now on; a new one wants all that are still stored. */
  setOutputs(names: readonly string[]): void
  /** Alerts with a revision that the output has not answered, oldest update first. */
  unsentAlerts(output: string, limit: number): readonly StoredAlert[]
  markSent(output: string, sent: readonly AlertRevision[]): void
  /** Refused for good: kept as a dead letter, and not sent there again. */
  markRejected(output: string, rejected: readonly RejectedDocument[], atMs: EpochMs): void
  /** Newest first. */
  deadLetters(limit: number): readonly DeadLetter[]
  /** Small facts that outlive a restart: ids, the reason of the last stop. */
  note(name: string): string | undefined
  setNote(name: string, value: string): void
  stats(): StoreStats
  close(): void
}

/** What can be asked of a store that another process writes. */
export type StoreReader = Omit<
  Store,
  'record' | 'setOutputs' | 'markSent' | 'markRejected' | 'setNote'
>

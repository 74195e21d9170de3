/** A series of a recording, as the tables gather it and as findings are made of it. */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import type { Gap, Observation } from '../../storage/series.ts'
import type { Transfer } from '../correlate/transfer.ts'

/** A series as it stands. */
export interface RecordedSeries {
  /** Its number in its table. */
  readonly id: number
  readonly sourceIp: string
  /** The latest, where the series is told by its domain. */
  readonly destinationIp: string
  readonly domain: string | undefined
  readonly destinationPort: number
  readonly transport: 'tcp' | 'udp'
  /** All transfers, also those whose point is no longer kept. */
  readonly transfers: number
  readonly firstMs: EpochMs
  readonly lastMs: EpochMs
  /** Payload, as far as it was told. */
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Above 0: its source (destination) is of the sensor's own network by most records; 0: untold. */
  readonly sourceVotes: number
  readonly destinationVotes: number
  /** Who sent, where the host itself told it: the latest of its transfers. */
  readonly sender?: {
    /** Its name; empty where no record told it. */
    readonly host: string
    /** Where its files lie. */
    readonly place: string
    readonly transfer: Transfer
  }
}

/** What findings are made of. */
export interface GatheredSeries {
  readonly lastMs: EpochMs
  readonly firstMs: EpochMs
  readonly size: number
  series(): Iterable<RecordedSeries>
  /**
   * The points kept of one of its series, oldest first; those of one millisecond are one. What was told
   * twice is found on the way: `series` is what stands after it.
   */
  observations(series: RecordedSeries): {
    readonly series: RecordedSeries
    readonly observations: readonly Observation[]
    /** What its host told besides; `undefined` for a network. */
    readonly surroundings?: Surroundings
  }
}

/** What is known of the host of a series. */
export interface Surroundings {
  /** Blind spans since the first observation, ascending. */
  readonly gaps: readonly Gap[]
  readonly schedules: readonly Schedule[]
  /** Of its latest transfer to anywhere: what its recording reaches to. */
  readonly lastMs: EpochMs
}

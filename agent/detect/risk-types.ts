/**
 * What the risk of a recurring transfer is judged from, and what is said of it.
 *
 * All facts but the assessment are optional: a recording of a network knows addresses only, and a
 * fact that nobody saw must not count for or against.
 */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import type { SeriesIdentity } from '../../storage/series.ts'
import type { Transfer } from '../correlate/transfer.ts'
import type { Assessment, Evidence } from './assessment.ts'

/** Which analytic of DET0399 judges: `network` is a recording without a host. */
export type RiskPlatform = 'linux' | 'windows' | 'macos' | 'network'

/** The analytics of DET0399: Windows, Linux, macOS. */
export type Analytic = 'AN1118' | 'AN1119' | 'AN1120'

/** What the runs of a series carried, of those runs whose bytes are known. */
export interface Volume {
  /** Runs whose sent bytes are known, at least 1. */
  readonly runs: number
  readonly sentBytesMedian: number
  /** Of the largest run. */
  readonly sentBytesMax: number
  readonly sentBytesTotal: number
  readonly receivedBytesMedian?: number
  /** Sent over sent and received, 0 to 1; `undefined` where received bytes are unknown. */
  readonly sentShare?: number
  /** Median of the newer half of the runs over that of the older; 1 is steady. From 6 runs on. */
  readonly trendRatio?: number
}

export interface RiskInput {
  readonly assessment: Assessment
  readonly identity: SeriesIdentity
  /** Facts of the latest transfer: lineage, user, schedule. */
  readonly transfer?: Transfer
  readonly volume?: Volume
  /** Start times of the newest runs; `timeWindow` judges these, or `assessment.lastMs` without. */
  readonly timesMs?: readonly EpochMs[]
  /** When any program of this host was first seen talking to the destination. */
  readonly destinationFirstSeenMs?: EpochMs
  /** How many actors of this host talk to the destination, this one included. */
  readonly destinationActors?: number
  readonly nowMs: EpochMs
  readonly platform: RiskPlatform
  /** IANA name that `timeWindow` is read in; the host's own where absent. */
  readonly timeZone?: string
}

export type Disposition = 'alert' | 'known' | 'allowed' | 'quiet'

export interface Risk {
  /** 0 to 100, whole. */
  readonly score: number
  readonly disposition: Disposition
  /** Strongest first; `weight` is points. */
  readonly factors: readonly Evidence[]
  readonly analytic: Analytic
}

/** The job that explains a series: the one that started it, else the one whose times it follows. */
export const scheduleOf = (input: {
  readonly assessment: Assessment
  readonly transfer?: Transfer
}): Schedule | undefined => input.transfer?.schedule ?? input.assessment.schedule

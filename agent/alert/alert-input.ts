/** What an alert is made of: the finding with all that is known of it. */
import type { EpochMs } from '../../platform/event.ts'
import type { Gap, SeriesIdentity } from '../../storage/series.ts'
import type { Transfer } from '../correlate/transfer.ts'
import type { Assessment, Period } from '../detect/assessment.ts'
import type { Risk, RiskPlatform, Volume } from '../detect/risk-types.ts'
import type { HostFacts } from './host-facts.ts'

export interface AlertFinding {
  readonly identity: SeriesIdentity
  readonly assessment: Assessment
  readonly risk: Risk
  /** Facts of the latest transfer. */
  readonly transfer?: Transfer
  readonly volume?: Volume
  /** Start times of the newest runs, ascending: they count the beats of an episode. */
  readonly timesMs?: readonly EpochMs[]
  /** Blind spans: what happened in them is no silence. */
  readonly gaps?: readonly Gap[]
  readonly host: HostFacts
  readonly platform: RiskPlatform
}

/** Where an episode stands; all of it is in the document, so that a restart goes on with it. */
export interface Episode {
  readonly startMs: EpochMs
  /** Last beat. */
  readonly lastMs: EpochMs
  /** Runs in this episode. */
  readonly beats: number
  readonly periodMs: number
  readonly model: Period['model']
  /** What the endpoint was last told, and when; `undefined` while the budget holds it back. */
  readonly told?: Told
}

export interface Told {
  readonly atMs: EpochMs
  readonly risk: number
  readonly periodMs: number
  readonly model: Period['model']
}

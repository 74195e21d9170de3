/** What the detector says of a series: the verdict, the rhythm, and why. */
import type { EpochMs, Schedule } from '../../platform/event.ts'

/** One statistic or fact that spoke for (positive `weight`) or against (negative). */
export interface Evidence {
  /** Snake case, stable: detection engineers filter on it. */
  readonly name: string
  readonly value: number | string
  /** One line for a person. */
  readonly meaning: string
  /** Log-odds for a verdict, points for a risk. */
  readonly weight: number
  /** Where it is a test: corrected for the periods tried. */
  readonly pValue?: number
}

/** `undecided`: too little seen to tell. */
export type Verdict = 'recurring' | 'irregular' | 'undecided'

/** One rhythm of a series; a series may have two. */
export interface Period {
  readonly periodMs: number
  /**
   * `clock`: each beat keeps its place on a grid, delays do not add up (cron, timers). `sleep`: the
   * next beat is counted from the last one (beacons that sleep). `calendar`: local time of day, week
   * or month, kept across daylight saving.
   */
  readonly model: 'clock' | 'sleep' | 'calendar'
  /** As a person would say it: "every 15 min", "daily 02:30 Europe/Berlin ± 4 min". */
  readonly form: string
  /** Half the spread of a beat around where it was expected, over the period, 0 to 1. */
  readonly jitter: number
  /** Share of expected beats that did not come while we could see, 0 to 1. */
  readonly missedRatio: number
  /** Beats that this rhythm explains. */
  readonly beats: number
}

export interface Assessment {
  readonly verdict: Verdict
  /** Calibrated probability that the series recurs, 0 to 1. */
  readonly score: number
  /** The strongest first; empty unless there is a rhythm. */
  readonly periods: readonly Period[]
  /** All periods in words: "hourly, plus daily 02:30"; `undefined` without a rhythm. */
  readonly form?: string
  /** Runs after connections and bursts were joined. */
  readonly observations: number
  readonly firstMs: EpochMs
  readonly lastMs: EpochMs
  /** Next beat expected at `atMs` ± `toleranceMs`. */
  readonly next?: { readonly atMs: EpochMs; readonly toleranceMs: number }
  /** The known job whose fire times the series follows. */
  readonly schedule?: Schedule
  readonly evidence: readonly Evidence[]
}

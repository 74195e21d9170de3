/**
 * What the finders share: the series as they read it, and the rhythm they hand back. A rhythm is a
 * claim about which runs it explains; the verdict weighs claims, and does not know how they were found.
 */
import type { EpochMs, Schedule } from '../../platform/event.ts'
import { blindMs, spacingsOf } from './runs.ts'
import type { Zone } from './zone.ts'

/** A series ready to be read: runs only, with what was blind and the host's local time. */
export interface View {
  /** Ascending starts of runs, UTC ms. */
  readonly runs: Float64Array
  /** The same on the local wall clock. */
  readonly local: Float64Array
  /** Spacings that do not cross a blind span, in order and sorted. */
  readonly spacings: Float64Array
  readonly sortedSpacings: Float64Array
  /** Flat [from, to, ...] as of `runs.ts`. */
  readonly blind: Float64Array
  readonly zone: Zone
  readonly zoneName: string
  /** Whether the zone changes its offset within the series. */
  readonly offsetChanges: boolean
}

export interface Rhythm {
  readonly model: 'clock' | 'sleep' | 'calendar'
  readonly periodMs: number
  readonly form: string
  readonly jitter: number
  /** Runs it explains. */
  readonly beats: number
  /** Beats that came, of those expected where and while we could see, 0 to 1. */
  readonly coverage: number
  /** Share of beats that did not come between the first and the last that did, 0 to 1. */
  readonly missedRatio: number
  /** Runs it explains, of all runs, 0 to 1. */
  readonly share: number
  /** Surprise under the null, tries taken off. */
  readonly nats: number
  /** Nats by which a renewal process with jitter fits better than any irregular one; 0 where not asked. */
  readonly renewalNats: number
  /** One where the run at that index is explained. */
  readonly explains: Uint8Array
  readonly next: { readonly atMs: EpochMs; readonly toleranceMs: number }
  readonly schedule?: Schedule
}

/** A spacing with no more of it blind than this is whole. */
const WHOLE_SHARE = 0.1

export function viewOf(
  runs: Float64Array,
  blind: Float64Array,
  zone: Zone,
  zoneName: string,
): View {
  const local = new Float64Array(runs.length)
  let offsetChanges = false
  const first = zone.offsetMs(runs[0] ?? 0)
  for (let i = 0; i < runs.length; i++) {
    const offset = zone.offsetMs(runs[i] as number)
    if (offset !== first) offsetChanges = true
    local[i] = (runs[i] as number) + offset
  }
  const spacings = wholeSpacings(runs, blind)
  const sortedSpacings = spacings.slice().sort()
  return { runs, local, spacings, sortedSpacings, blind, zone, zoneName, offsetChanges }
}

function wholeSpacings(runs: Float64Array, blind: Float64Array): Float64Array {
  const all = spacingsOf(runs)
  if (blind.length === 0) return all
  let n = 0
  let span = 0
  for (let i = 0; i < all.length; i++) {
    const from = runs[i] as number
    const to = runs[i + 1] as number
    while (span < blind.length && (blind[span + 1] as number) <= from) span += 2
    const isWhole =
      span >= blind.length ||
      (blind[span] as number) >= to ||
      blindMs(blind.subarray(span), from, to) <= WHOLE_SHARE * (to - from)
    if (isWhole) all[n++] = all[i] as number
  }
  return all.subarray(0, n)
}

/** Visible ms between two instants. */
export const visibleMs = (view: View, fromMs: EpochMs, toMs: EpochMs): number =>
  Math.max(0, toMs - fromMs - blindMs(view.blind, fromMs, toMs))

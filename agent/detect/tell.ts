/**
 * What is told of a series that recurs: its periods, in words, and when the next beat is due. A second
 * rhythm is looked for in what the first leaves unexplained; one that takes over from the other is a
 * job that was edited, and the newer is told first.
 */

import type { EpochMs } from '../../platform/event.ts'
import type { JobTimes } from './assess.ts'
import type { Assessment, Period } from './assessment.ts'
import { type Claim, claimsOf } from './claims.ts'
import { hoursOf } from './hours.ts'
import { type Rhythm, viewOf } from './rhythm.ts'
import { weightOf } from './weigh.ts'

/** A second rhythm is looked for where the first leaves at least this many runs unexplained. */
const MIN_REST = 4
/** It must explain this share of them. */
const MIN_REST_SHARE = 0.4
/** Of the beats of a rhythm that was replaced, this share came before as many of the newer one's. */
const BEFORE = 0.75
/** Periods whose ratio is this near a small whole number are the same grid, seen twice. */
const SAME_GRID = 0.03

type Told = Pick<Assessment, 'periods' | 'form' | 'next' | 'schedule'>

/** The rhythm of the runs that the strongest claim leaves unexplained. */
export function restOf({ rhythm, view }: Claim, jobs: readonly JobTimes[]): Claim | undefined {
  const rest = view.runs.filter((_, i) => rhythm.explains[i] === 0)
  if (rest.length < MIN_REST) return undefined
  const restView = viewOf(rest, view.blind, view.zone, view.zoneName)
  let best: Claim | undefined
  let bestWeight = 0
  for (const claim of claimsOf(restView, jobs)) {
    const weight = weightOf(claim.rhythm)
    if (weight <= bestWeight || claim.rhythm.share < MIN_REST_SHARE) continue
    if (isSameGrid(rhythm, claim.rhythm)) continue
    best = claim
    bestWeight = weight
  }
  return best
}

/** The late beats of a grid make a fainter copy of it, at the period or a few times as long. */
function isSameGrid(one: Rhythm, other: Rhythm): boolean {
  const ratio = Math.max(one.periodMs, other.periodMs) / Math.min(one.periodMs, other.periodMs)
  const isNearWhole = Math.abs(ratio - Math.round(ratio)) < SAME_GRID * ratio
  return isNearWhole && ratio < (one.model === 'sleep' ? 1.5 : 10.5) && other.model !== 'calendar'
}

export function rhythmsOf(first: Claim, second: Claim | undefined, lastMs: EpochMs): Told {
  const claims = second === undefined ? [first] : [first, second]
  const isEdited = second !== undefined && (cameBefore(first, second) || cameBefore(second, first))
  if (isEdited && cameBefore(first, second)) claims.reverse()
  const periods = claims.map(periodOf)
  const [newest, other] = periods
  const next = nextAfter(claims[0]?.rhythm, lastMs)
  const schedule = claims.find(({ rhythm }) => rhythm.schedule !== undefined)?.rhythm.schedule
  if (newest === undefined || next === undefined) return { periods }
  const also =
    other === undefined ? '' : isEdited ? ` (before: ${other.form})` : `, plus ${other.form}`
  return { periods, form: newest.form + also, next, ...(schedule !== undefined && { schedule }) }
}

/** A rhythm that was read from part of the runs may have lost sight of the last of them. */
function nextAfter(rhythm: Rhythm | undefined, lastMs: EpochMs): Rhythm['next'] | undefined {
  if (rhythm === undefined || rhythm.next.atMs > lastMs) return rhythm?.next
  const { next, periodMs } = rhythm
  const beats = Math.floor((lastMs - next.atMs) / periodMs) + 1
  return { ...next, atMs: next.atMs + Math.round(beats * periodMs) }
}

function cameBefore(one: Claim, other: Claim): boolean {
  const ones = beatsOf(one)
  const others = beatsOf(other)
  const last = ones[Math.floor(BEFORE * (ones.length - 1))]
  const first = others[Math.ceil((1 - BEFORE) * (others.length - 1))]
  return last !== undefined && first !== undefined && last < first
}

const beatsOf = ({ rhythm, view }: Claim): Float64Array =>
  view.runs.filter((_, i) => rhythm.explains[i] === 1)

function periodOf({ rhythm, view }: Claim): Period {
  const { periodMs, model, form, jitter, missedRatio, beats } = rhythm
  const hours = model === 'calendar' ? undefined : hoursOf(view, rhythm)
  return {
    periodMs,
    model,
    form: hours === undefined ? form : `${form}, ${hours.form}`,
    jitter,
    missedRatio: hours?.missedRatio ?? missedRatio,
    beats,
  }
}

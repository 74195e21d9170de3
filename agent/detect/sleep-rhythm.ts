/** The rhythm of spacings: a beacon that sleeps after each run, or any steady beat of no known grid. */
import { everyForm } from './form.ts'
import { renewalNats } from './renewal.ts'
import { type Rhythm, type View, visibleMs } from './rhythm.ts'
import { spacingRhythm } from './spacing.ts'
import { clamp } from './stats.ts'
import { DAY } from './zone.ts'

/** Below this jitter the window of spacings says all; above it the shape of the jitter tells more. */
export const STEADY = 0.1
/** A beat after up to this many missed ones still belongs to the chain. */
const MAX_MISSED = 4
/** Longer spacings are the calendar's: a person who comes daily has steady spacings too. */
const MAX_PERIOD_MS = 12 * 3_600_000
/** Shorter ones are the packets of one transfer. */
const MIN_PERIOD_MS = 1000
/** Spacings of hours may be a person's meals and meetings, unless they go on through the night. */
const WAKING_PERIOD_MS = 2 * 3_600_000
/** Of its surprise, what is left to a rhythm of hours that rests at night. */
const ASLEEP = 0.25
/** Metronomes are given this much, or clocks of a second's resolution would look missed. */
const SLACK_MS = 1500

export function sleepRhythm(view: View): Rhythm | undefined {
  const found = spacingRhythm(view.sortedSpacings)
  if (found === undefined || found.periodMs < MIN_PERIOD_MS || found.periodMs > MAX_PERIOD_MS)
    return undefined
  const { periodMs, jitter } = found
  const belief = periodMs > WAKING_PERIOD_MS && restsAtNight(view) ? ASLEEP : 1
  const nats = found.nats * belief
  const { runs } = view
  const explains = new Uint8Array(runs.length)
  const slackMs = Math.max(SLACK_MS, periodMs * Math.max(0.02, jitter * 1.1))
  let seen = 0
  let expected = 0
  for (let i = 1; i < runs.length; i++) {
    const spacing = (runs[i] as number) - (runs[i - 1] as number)
    const steps = Math.round(spacing / periodMs)
    if (steps < 1 || steps > MAX_MISSED + 1) continue
    if (Math.abs(spacing - steps * periodMs) > slackMs * Math.sqrt(steps)) continue
    explains[i - 1] = 1
    explains[i] = 1
    seen++
    expected += steps
  }
  let beats = 0
  for (const one of explains) beats += one
  const lastMs = runs[runs.length - 1] as number
  const span = visibleMs(view, runs[0] as number, lastMs)
  return {
    model: 'sleep',
    periodMs,
    form: everyForm(periodMs),
    jitter,
    beats,
    coverage: clamp((seen * periodMs) / Math.max(periodMs, span), 0, 1),
    missedRatio: expected === 0 ? 0 : 1 - seen / expected,
    share: beats / runs.length,
    nats,
    renewalNats: jitter < STEADY ? 0 : renewalNats(view.sortedSpacings) * belief,
    explains,
    next: { atMs: Math.round(lastMs + periodMs), toleranceMs: Math.round(slackMs) },
  }
}

/** Whether some quarter of the local day is (nearly) empty, where chance would fill it. */
function restsAtNight({ local }: View): boolean {
  const hours = new Uint16Array(24)
  for (const at of local) {
    const hour = Math.floor((((at % DAY) + DAY) % DAY) / (DAY / 24))
    hours[hour] = (hours[hour] as number) + 1
  }
  let least = local.length
  for (let from = 0; from < 24; from++) {
    let within = 0
    for (let h = 0; h < 6; h++) within += hours[(from + h) % 24] as number
    if (within < least) least = within
  }
  return local.length >= 12 && least <= local.length / 20
}

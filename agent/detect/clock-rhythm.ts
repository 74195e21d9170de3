/**
 * The rhythm of a grid: cron, timers, tasks and launchd fire by the clock, so a late run does not
 * make the next one late. Periods that divide the hour or the day are tried, and the one that the
 * spacings suggest.
 */

import { type Fold, fold } from './fold.ts'
import { everyForm } from './form.ts'
import { type Rhythm, type View, visibleMs } from './rhythm.ts'
import { spacingRhythm } from './spacing.ts'
import { clamp, quantile } from './stats.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** They divide the hour: what people write into crontabs and tasks. */
const MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
/** They divide the day. */
const HOURS = [2, 3, 4, 6, 8, 12]
/** Windows of a short period, as shares of it. */
const SHARES = [1 / 32, 1 / 8, 1 / 3]
/** Windows of a long period, where people's routines are the surroundings. */
const WIDTHS_MS = [4 * MINUTE, 12 * MINUTE, 30 * MINUTE]
/** Fewer cycles show no rhythm. */
const MIN_CYCLES = 4
/** A sleeping beacon wanders off any grid: residuals beyond this many spreads of a spacing. */
const MAX_WANDER = 0.85

export function clockRhythm(view: View): Rhythm | undefined {
  const { runs, local } = view
  const n = runs.length
  if (n < MIN_CYCLES) return undefined
  const span = (runs[n - 1] as number) - (runs[0] as number)
  const median = quantile(view.sortedSpacings.length > 0 ? view.sortedSpacings : [0], 0.5)
  let best: Fold | undefined
  let bestMerit = 0
  let tries = 0
  const consider = (times: Float64Array, periodMs: number, widthMs: number, isLong: boolean) => {
    const found = fold(times, periodMs, widthMs, isLong)
    if (found === undefined) return
    tries++
    const coverage = clamp((found.hits * periodMs) / Math.max(periodMs, span), 0, 1)
    const merit = found.nats * (0.5 + coverage)
    if (merit > bestMerit) {
      bestMerit = merit
      best = found
    }
  }
  for (const minutes of MINUTES) {
    const periodMs = minutes * MINUTE
    if (periodMs < 0.4 * median || periodMs * MIN_CYCLES > span) continue
    for (const share of SHARES) consider(local, periodMs, periodMs * share, false)
  }
  for (const hours of HOURS) {
    const periodMs = hours * HOUR
    if (periodMs < 0.4 * median || periodMs * MIN_CYCLES > span) continue
    for (const widthMs of WIDTHS_MS) {
      consider(local, periodMs, widthMs, true)
      if (view.offsetChanges) consider(runs, periodMs, widthMs, true)
    }
  }
  const own = spacingRhythm(view.sortedSpacings)
  const fitted = own === undefined ? undefined : gridFit(runs, own.periodMs)
  if (fitted !== undefined && fitted.wander < MAX_WANDER && fitted.periodMs < 12 * HOUR) {
    const isLong = fitted.periodMs > 2 * HOUR
    for (const share of isLong ? [] : SHARES) {
      consider(runs, fitted.periodMs, fitted.periodMs * share, false)
    }
    for (const widthMs of isLong ? WIDTHS_MS : []) consider(runs, fitted.periodMs, widthMs, true)
  }
  return best === undefined ? undefined : rhythmOf(view, best, tries)
}

function rhythmOf(view: View, best: Fold, tries: number): Rhythm {
  const { periodMs, startMs, widthMs } = best
  const { runs } = view
  const isOwnGrid = periodMs % MINUTE !== 0
  const times = isOwnGrid ? runs : view.local
  const explains = new Uint8Array(runs.length)
  const delays: number[] = []
  let cycle = Number.NaN
  let firstHit = runs[0] as number
  let lastHit = runs[0] as number
  for (let i = 0; i < times.length; i++) {
    const turns = ((times[i] as number) - startMs) / periodMs
    const whole = Math.floor(turns)
    const delay = (turns - whole) * periodMs
    if (delay > widthMs) continue
    explains[i] = 1
    if (delays.length === 0) firstHit = runs[i] as number
    lastHit = runs[i] as number
    if (whole !== cycle) delays.push(delay)
    cycle = whole
  }
  delays.sort((a, b) => a - b)
  const beats = delays.length
  const spread = beats === 0 ? 0 : quantile(delays, 0.975) - quantile(delays, 0.025)
  const firstMs = runs[0] as number
  const lastMs = runs[runs.length - 1] as number
  const expected = Math.max(1, visibleMs(view, firstMs, lastMs) / periodMs + 1)
  let explained = 0
  for (const one of explains) explained += one
  const lastTurn = Math.floor(((times[times.length - 1] as number) - startMs) / periodMs)
  const nextFold = (lastTurn + 1) * periodMs + startMs + (delays[beats >> 1] ?? 0)
  return {
    model: 'clock',
    periodMs,
    form: everyForm(periodMs),
    jitter: clamp(spread / 2 / periodMs, 0, 1),
    beats,
    coverage: clamp(beats / expected, 0, 1),
    missedRatio: clamp(1 - beats / (visibleMs(view, firstHit, lastHit) / periodMs + 1), 0, 1),
    share: explained / runs.length,
    nats: best.nats - Math.log(Math.max(1, tries)),
    renewalNats: 0,
    explains,
    next: {
      atMs: Math.round(nextFold - (isOwnGrid ? 0 : view.zone.offsetMs(lastMs))),
      toleranceMs: Math.max(1000, Math.round(spread / 2)),
    },
  }
}

/** A grid through the runs by least squares, and how far the runs wander off it in spacings' spreads. */
function gridFit(runs: Float64Array, periodMs: number) {
  const n = runs.length
  const first = runs[0] as number
  let k = 0
  let sumK = 0
  let sumKK = 0
  let sumT = 0
  let sumKT = 0
  let spread = 0
  let steps = 0
  const index = new Float64Array(n)
  for (let i = 1; i < n; i++) {
    const spacing = (runs[i] as number) - (runs[i - 1] as number)
    const beats = Math.round(spacing / periodMs)
    k += beats
    index[i] = k
    const at = (runs[i] as number) - first
    sumK += k
    sumKK += k * k
    sumT += at
    sumKT += k * at
    if (beats === 1) {
      spread += (spacing - periodMs) ** 2
      steps++
    }
  }
  const fitted = (n * sumKT - sumK * sumT) / (n * sumKK - sumK * sumK)
  if (!Number.isFinite(fitted) || fitted < 2000 || steps < 3) return undefined
  const start = (sumT - fitted * sumK) / n
  let residual = 0
  for (let i = 0; i < n; i++) {
    residual += ((runs[i] as number) - first - start - fitted * (index[i] as number)) ** 2
  }
  // Half a second is the resolution of many sources.
  const wander = Math.sqrt(residual / n) / Math.max(500, Math.sqrt(spread / steps))
  return { periodMs: fitted, wander }
}

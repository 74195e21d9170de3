/**
 * The plots of the report, as SVG: Observable Plot draws them here, in a document that is only memory, so
 * that the page needs no script for them, opens from disk and prints. Pure. Colors are CSS variables
 * of the page, for light and dark.
 * @see https://observablehq.com/plot/features/plots#plot-options (`document`)
 */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { EpochMs } from '../../../platform/event.ts'
import type { Gap, Observation } from '../../../storage/series.ts'
import { bytesText } from '../text.ts'
import { intervalBins, intervalsOf, intervalText, offsetMs } from '../text-plots.ts'
import { type Html, trusted } from './html.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Marks of a raster: the newest; more would make a page of many findings too large. */
const MAX_MARKS = 1_500
const MAX_DAYS = 31
/** More expected times a day than these would only shade all of it. */
const MAX_EXPECTED_A_DAY = 100
const BINS = 24
const ROW_PX = 15
const WIDTH_PX = 900

const { document } = parseHTML('<!doctype html><html><body></body></html>')

export interface RasterInput {
  readonly timesMs: readonly EpochMs[]
  readonly gaps: readonly Gap[]
  /** When a beat was due, as far as it can be told. */
  readonly expectedMs: readonly EpochMs[]
  readonly timeZone: string
}

/** A point in a raster: which day, and which hour of it (0 to 24). */
interface Place {
  readonly day: string
  readonly hour: number
}

/** Days down, the time of day across, a mark a transfer; blind spans and expected times behind. */
export function rasterPlot({ timesMs, gaps, expectedMs, timeZone }: RasterInput): Html {
  const wall = (atMs: EpochMs): number => atMs + offsetMs(atMs, timeZone)
  const place = (atMs: EpochMs): Place => {
    const at = wall(atMs)
    const dayMs = Math.floor(at / DAY) * DAY
    return { day: dayName(dayMs), hour: (at - dayMs) / HOUR }
  }
  const newest = timesMs.slice(-MAX_MARKS)
  const lastDay = Math.floor(wall(newest.at(-1) ?? 0) / DAY)
  const firstDay = Math.max(Math.floor(wall(newest[0] ?? 0) / DAY), lastDay - MAX_DAYS + 1)
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, i) =>
    dayName((firstDay + i) * DAY),
  )
  const isShown = ({ day }: Place): boolean => days.includes(day)
  const expected = expectedMs.length > MAX_EXPECTED_A_DAY * days.length ? [] : expectedMs
  return drawn(
    {
      ...{ height: days.length * ROW_PX + 46, marginLeft: 74, marginTop: 22, marginBottom: 4 },
      ariaLabel: 'When transfers came: days down, the time of day across',
      x: { domain: [0, 24], axis: 'top', ticks: 8, tickFormat: hourName, label: null, grid: true },
      y: { domain: days, label: null, tickSize: 0 },
    },
    [
      Plot.barX(gaps.flatMap((gap) => blindParts(gap, wall)).filter(isShown), {
        ...{ y: 'day', x1: 'hour', x2: 'toHour', className: 'blind', inset: 0 },
        fill: 'var(--blind)',
      }),
      Plot.tickX(expected.map(place).filter(isShown), {
        ...{
          x: 'hour',
          y: 'day',
          stroke: 'var(--expected)',
          strokeWidth: 4,
          className: 'expected',
        },
      }),
      Plot.tickX(newest.map(place).filter(isShown), {
        ...{ x: 'hour', y: 'day', stroke: 'var(--mark)', strokeWidth: 1.4, insetTop: 2 },
        ...{ insetBottom: 2, className: 'beats' },
      }),
    ],
  )
}

/** How long it is from one transfer to the next. */
export function histogramPlot(timesMs: readonly EpochMs[]): Html | undefined {
  const bins = intervalBins(intervalsOf(timesMs), BINS)
  if (bins.length === 0) return undefined
  const stepMs = bins[1] === undefined ? 0 : bins[1].toMs - bins[1].fromMs
  const bars = bins.map((bin, i) => ({ ...bin, at: i, label: intervalText(bin.fromMs, stepMs) }))
  const shown = Math.ceil(bins.length / 6)
  return drawn(
    {
      ...{ height: 150, marginLeft: 46, marginBottom: 34 },
      ariaLabel: 'How long it was from one transfer to the next',
      x: {
        label: null,
        ticks: bars.filter((_, i) => i % shown === 0).map(({ at }) => at),
        tickFormat: (at: number) => bars[at]?.label ?? '',
      },
      y: { label: 'transfers', grid: true, nice: true, ticks: 4 },
    },
    [
      Plot.barY(bars, { x: 'at', y: 'count', fill: 'var(--mark)', className: 'intervals' }),
      Plot.ruleY([0], { stroke: 'currentColor' }),
    ],
  )
}

/** What each transfer sent, over time; nothing where nobody counted. */
export function volumePlot(
  observations: readonly Observation[],
  timeZone: string,
): Html | undefined {
  const points = observations
    .slice(-MAX_MARKS)
    .flatMap(({ atMs, sentBytes }) =>
      sentBytes === undefined ? [] : [{ at: new Date(atMs + offsetMs(atMs, timeZone)), sentBytes }],
    )
  if (points.length === 0) return undefined
  return drawn(
    {
      ...{ height: 150, marginLeft: 62, marginBottom: 30 },
      ariaLabel: 'Bytes that each transfer sent, over time',
      x: { type: 'utc', label: null },
      y: { label: 'sent', grid: true, zero: true, ticks: 4, tickFormat: bytesText },
    },
    [
      Plot.ruleY([0], { stroke: 'currentColor' }),
      Plot.dot(points, {
        x: 'at',
        y: 'sentBytes',
        r: 1.6,
        fill: 'var(--mark)',
        className: 'volume',
      }),
    ],
  )
}

function drawn(options: Plot.PlotOptions, marks: Plot.Markish[]): Html {
  const plot = Plot.plot({
    ...{ document, width: WIDTH_PX, marks, className: 'plot' },
    ...options,
    style: { background: 'transparent', color: 'inherit' },
  })
  plot.setAttribute('role', 'img')
  // Of all numbers a tenth of a pixel is enough: a page holds tens of thousands of them.
  return trusted(plot.outerHTML.replace(/(\d+\.\d)\d+/g, '$1'))
}

/** A blind span, cut at midnight. */
function blindParts(
  { fromMs, toMs }: Gap,
  wall: (atMs: EpochMs) => number,
): readonly (Place & { readonly toHour: number })[] {
  const parts: (Place & { readonly toHour: number })[] = []
  const end = wall(toMs)
  for (let at = wall(fromMs); at < end && parts.length <= MAX_DAYS; ) {
    const dayMs = Math.floor(at / DAY) * DAY
    const until = Math.min(end, dayMs + DAY)
    parts.push({ day: dayName(dayMs), hour: (at - dayMs) / HOUR, toHour: (until - dayMs) / HOUR })
    at = until
  }
  return parts
}

/** `Tue 24 Nov`, of a wall clock told as if it were UTC. */
function dayName(wallMs: number): string {
  const [day = '', date = '', month = ''] = new Date(wallMs).toUTCString().split(/,? /)
  return `${day} ${date} ${month}`
}

const hourName = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

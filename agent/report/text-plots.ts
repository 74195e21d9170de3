/**
 * Plots in text: when transfers come, day by day, and how long it is from one to the next. Pure. Each
 * character is one column, of blocks that every terminal has.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { Gap } from '../../storage/series.ts'
import { durationText } from './text.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Rows of a raster: two weeks of days fit a screen. */
const MAX_ROWS = 14
/** Cells of a row, a day's of 20 or 30 minutes: those of which the same number of beats fits into each. */
const CELL_CHOICES = [72, 48] as const
/** How many transfers a cell has, in steps. */
const LEVELS = ['·', '▂', '▄', '▆', '█'] as const
const EMPTY = LEVELS[0]
/** We were blind: what came then is not known. */
const BLIND = '?'

const HISTOGRAM_ROWS = 9
const BAR_WIDTH = 40
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

export interface RasterOptions {
  readonly timesMs: readonly EpochMs[]
  readonly gaps: readonly Gap[]
  /** IANA zone of the clock that rows are of. */
  readonly timeZone: string
  /** The period that was found, where there is one. */
  readonly periodMs?: number | undefined
}

/** Days down and the time of day across; hours down and minutes across for what is younger than a day. */
export function rasterLines({
  timesMs,
  gaps,
  timeZone,
  periodMs,
}: RasterOptions): readonly string[] {
  const [firstMs, lastMs] = [timesMs[0], timesMs.at(-1)]
  if (firstMs === undefined || lastMs === undefined) return []
  const rowMs = lastMs - firstMs > DAY ? DAY : HOUR
  const cells = cellsOf(rowMs, periodMs)
  const cellMs = rowMs / cells
  const offset = (atMs: EpochMs): number => atMs + offsetMs(atMs, timeZone)
  const row = (atMs: EpochMs): number => Math.floor(offset(atMs) / rowMs)
  const lastRow = row(lastMs)
  const firstRow = Math.max(row(firstMs), lastRow - MAX_ROWS + 1)
  const counts = new Map<number, number>()
  for (const atMs of timesMs) {
    const cell = Math.floor(offset(atMs) / cellMs)
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  const most = Math.max(...counts.values())
  const blind = gaps.map(({ fromMs, toMs }) => [offset(fromMs) / cellMs, offset(toMs) / cellMs])
  const cellText = (cell: number): string => {
    const count = counts.get(cell)
    if (count !== undefined) return LEVELS[Math.ceil((count / most) * (LEVELS.length - 1))] ?? '█'
    // Only what lies in it wholly: a moment's loss blinds no one for 20 minutes.
    const isBlind = blind.some(([from = 0, to = 0]) => from <= cell && to >= cell + 1)
    return isBlind ? BLIND : EMPTY
  }
  const rows = Array.from({ length: lastRow - firstRow + 1 }, (_, i) => {
    const at = firstRow + i
    const text = Array.from({ length: cells }, (_, c) => cellText(at * cells + c)).join('')
    return `${rowLabel(at * rowMs, rowMs)} ${text}`
  })
  return [ruler(rowMs, cells), ...rows]
}

function cellsOf(rowMs: number, periodMs: number | undefined): number {
  const isEven = (cells: number): boolean => {
    const beats = rowMs / cells / (periodMs ?? rowMs)
    return beats < 1 || Math.abs(beats - Math.round(beats)) < 0.02
  }
  return CELL_CHOICES.find(isEven) ?? CELL_CHOICES[0]
}

/** `Tue 24 Nov`, `Tue 18:00`: of a wall clock told as if it were UTC. */
function rowLabel(wallMs: number, rowMs: number): string {
  const [day = '', date = '', month = ''] = new Date(wallMs).toUTCString().split(/,? /)
  const hour = `${new Date(wallMs).toISOString().slice(11, 13)}:00`
  return rowMs === DAY ? `${day} ${date} ${month}` : `${day} ${hour} `
}

const LABEL_WIDTH = 'Tue 24 Nov '.length

function ruler(rowMs: number, cells: number): string {
  const marks = rowMs === DAY ? 8 : 6
  const each = cells / marks
  const step = rowMs === DAY ? 24 / marks : 60 / marks
  const texts = Array.from({ length: marks }, (_, i) => {
    const value = String(i * step).padStart(2, '0')
    return (rowMs === DAY ? `${value}:00` : `:${value}`).padEnd(each)
  })
  return `${' '.repeat(LABEL_WIDTH)}${texts.join('')}`.trimEnd()
}

/** How long it is from one transfer to the next, in bins around the usual; nothing of fewer than two. */
export function histogramLines(timesMs: readonly EpochMs[]): readonly string[] {
  const bins = intervalBins(intervalsOf(timesMs), HISTOGRAM_ROWS)
  const most = Math.max(...bins.map(({ count }) => count))
  const stepMs = bins[1] === undefined ? 0 : bins[1].toMs - bins[1].fromMs
  const labels = bins.map(
    ({ fromMs, toMs }) => `${intervalText(fromMs, stepMs)} to ${intervalText(toMs, stepMs)}`,
  )
  const width = Math.max(...labels.map((label) => label.length))
  return bins.map(({ count }, i) => {
    const length = (count / most) * BAR_WIDTH
    const bar = '█'.repeat(Math.floor(length)) + (EIGHTHS[Math.floor((length % 1) * 8)] ?? '')
    return `${(labels[i] ?? '').padStart(width)}  ${count > 0 && bar === '' ? '▏' : bar} ${count}`
  })
}

/** With tenths of a second where bins are narrower than two. */
export function intervalText(ms: number, stepMs: number): string {
  if (stepMs === 0 || stepMs >= 2_000 || ms >= DAY) return durationText(ms)
  const wholeMinutesMs = Math.floor(ms / MINUTE) * MINUTE
  const seconds = `${((ms - wholeMinutesMs) / 1_000).toFixed(1)} s`
  return wholeMinutesMs === 0 ? seconds : `${durationText(wholeMinutesMs)} ${seconds}`
}

export const intervalsOf = (timesMs: readonly EpochMs[]): readonly number[] =>
  timesMs.slice(1).map((atMs, i) => atMs - (timesMs[i] ?? atMs))

export interface Bin {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/**
 * Bins of one width from the 5th to the 95th percentile, so that one long silence does not squeeze all
 * else into one; what lies outside is in the first and the last, which reach to it.
 */
export function intervalBins(intervals: readonly number[], bins: number): readonly Bin[] {
  if (intervals.length === 0) return []
  const sorted = intervals.toSorted((a, b) => a - b)
  const at = (ratio: number): number => sorted[Math.round(ratio * (sorted.length - 1))] as number
  const [low, high] = [at(0.05), at(0.95)]
  const [least, most] = [sorted[0] as number, sorted.at(-1) as number]
  // All the same, to the second: one bin says it.
  if (most - least < 1_000) return [{ fromMs: least, toMs: most, count: intervals.length }]
  const width = Math.max((high - low) / bins, 1)
  const counts = new Array<number>(bins).fill(0)
  for (const interval of intervals) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((interval - low) / width)))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts.map((count, i) => ({
    count,
    fromMs: i === 0 ? least : low + i * width,
    toMs: i === bins - 1 ? most : low + (i + 1) * width,
  }))
}

/** Of a zone at an instant, ms. */
export function offsetMs(atMs: EpochMs, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour % 24, minute, second) - Math.floor(atMs / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const numeric = 'numeric' as const
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: numeric, month: numeric, day: numeric },
    ...{ hour: numeric, minute: numeric, second: numeric },
  })
  formats.set(timeZone, format)
  return format
}

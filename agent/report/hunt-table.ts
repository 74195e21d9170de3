/**
 * What a hunt found, for a person at a terminal. Pure: text in, lines out. Two lines a finding, so that
 * all of it fits 100 columns: what recurs and where it goes, then since when and how much.
 */
import { styleText } from 'node:util'
import type { Direction } from '../hunt/direction.ts'
import { destinationOf, type HuntFinding } from '../hunt/findings.ts'
import { fit, printable } from './printable.ts'

/** From these on it is urgent, and worth a look. */
const HIGH_RISK = 70
const SOME_RISK = 40
/** Widest that the period may be: longer forms are cut, and whole in `--json`. */
const MAX_PERIOD_WIDTH = 30
/** An IPv6 address in full. */
const MAX_SOURCE_WIDTH = 39
const MIN_DESTINATION_WIDTH = 22
const GAP = '  '

export interface HuntTableOptions {
  /** Columns that lines may take, at least 80. */
  readonly width: number
  readonly hasColors: boolean
  /** IANA name that times are told in. */
  readonly timeZone: string
}

/** Heading and findings, in their order; no lines for none. */
export function huntTable(found: readonly HuntFinding[], options: HuntTableOptions): string[] {
  if (found.length === 0) return []
  const paint = painter(options.hasColors)
  const instant = instantFormat(options.timeZone)
  const rows = found.map(cellsOf)
  const widths = widthsOf(rows, options.width)
  const head = rowText(HEADINGS, widths)
  return [
    paint('bold', head),
    ...rows.flatMap((cells, i) => {
      const one = found[i] as HuntFinding
      const detail = `${' '.repeat(widths.risk)}${GAP}${detailOf(one, instant, options.timeZone)}`
      return [paint(colorOf(one), rowText(cells, widths)), paint('dim', fit(detail, options.width))]
    }),
  ]
}

interface Cells {
  readonly risk: string
  readonly period: string
  readonly jitter: string
  readonly source: string
  readonly destination: string
  readonly beats: string
}

const HEADINGS: Cells = {
  risk: 'RISK',
  period: 'PERIOD',
  jitter: 'JITTER',
  source: 'SOURCE',
  destination: 'DESTINATION',
  beats: 'BEATS',
}

function cellsOf({ series, assessment, risk }: HuntFinding): Cells {
  const [period] = assessment.periods
  const host = printable(destinationOf(series))
  const { destinationPort: port, transport } = series
  return {
    risk: String(Math.round(risk.score)),
    period: printable(assessment.form ?? assessment.verdict),
    jitter: period === undefined ? '' : `±${Math.round(period.jitter * 100)}%`,
    source: series.sourceIp,
    destination: `${host.includes(':') ? `[${host}]` : host}:${port}/${transport}`,
    beats: String(period?.beats ?? assessment.observations),
  }
}

type Widths = { readonly [K in keyof Cells]: number }

/** The destination takes what the others leave. */
function widthsOf(rows: readonly Cells[], width: number): Widths {
  const longest = (name: keyof Cells): number =>
    rows.reduce((most, cells) => Math.max(most, cells[name].length), HEADINGS[name].length)
  const source = Math.min(longest('source'), MAX_SOURCE_WIDTH)
  const [risk, jitter, beats] = [longest('risk'), longest('jitter'), longest('beats')]
  const rest = width - risk - jitter - beats - source - 5 * GAP.length
  const period = Math.min(longest('period'), MAX_PERIOD_WIDTH, rest - MIN_DESTINATION_WIDTH)
  const destination = Math.min(longest('destination'), rest - period)
  return { risk, period, jitter, source, destination, beats }
}

const rowText = (cells: Cells, widths: Widths): string =>
  [
    cells.risk.padStart(widths.risk),
    fit(cells.period, widths.period).padEnd(widths.period),
    cells.jitter.padStart(widths.jitter),
    fit(cells.source, widths.source).padEnd(widths.source),
    // The end of a name and its port tell more than its beginning.
    fitEnd(cells.destination, widths.destination).padEnd(widths.destination),
    cells.beats.padStart(widths.beats),
  ].join(GAP)

const fitEnd = (text: string, width: number): string =>
  text.length <= width ? text : `…${text.slice(text.length - width + 1)}`

function detailOf(
  { series, direction, assessment, leftOut }: HuntFinding,
  instant: (atMs: number) => string,
  timeZone: string,
): string {
  const facts = [
    `${instant(series.firstMs)} to ${instant(series.lastMs)} ${timeZone}`,
    `${byteCount(series.sentBytes)} sent, ${byteCount(series.receivedBytes)} received`,
    DIRECTIONS[direction],
    `score ${assessment.score.toFixed(2)}`,
    ...(leftOut === undefined ? [] : [`left out: ${leftOut}`]),
  ]
  return facts.join(', ')
}

const DIRECTIONS: Record<Direction, string> = {
  outbound: 'outbound',
  inbound: 'inbound',
  internal: 'internal',
  external: 'neither end known as ours',
}

/** `76.0 kB`; units of 1,000, as networks count. */
export function byteCount(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const exponent = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1_000 ** exponent).toFixed(1)} ${UNITS[exponent - 1]}`
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

function instantFormat(timeZone: string): (atMs: number) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone,
  })
  return (atMs) => format.format(atMs)
}

type Color = 'bold' | 'dim' | 'red' | 'yellow' | 'reset'

const colorOf = ({ risk, leftOut }: HuntFinding): Color => {
  if (leftOut !== undefined) return 'dim'
  return risk.score >= HIGH_RISK ? 'red' : risk.score >= SOME_RISK ? 'yellow' : 'reset'
}

const painter =
  (hasColors: boolean) =>
  (color: Color, text: string): string =>
    hasColors ? styleText(color, text, { validateStream: false }) : text

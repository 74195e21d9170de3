/**
 * What `agent run` shows while it runs: a table that redraws in place on a terminal, lines of
 * changes elsewhere. The time and the output are handed in.
 */
import type { CollectorStatus, FindingSummary } from '../control/status.ts'
import { findingColumns } from './finding-columns.ts'
import { logBound } from './log-bound.ts'
import { collectorLines } from './status-view.ts'
import { table } from './table.ts'
import { agoText, clean, displayWidth, type Paint, timeText } from './text.ts'

/** What the sensor tells a person. Each call gives all there is, not what is new. */
export interface SensorView {
  collectors(statuses: readonly CollectorStatus[]): void
  findings(findings: readonly FindingSummary[]): void
  message(line: string): void
  /** From now on it tells from this level; a view for people tells all. */
  setLevel?(level: LogLevel): void
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** A view that is told when it is over. */
export interface ClosableView extends SensorView {
  /** Draws what was held back, and gives the terminal back as it was. */
  close(): void
}

export interface LiveOptions {
  readonly now: () => number
  readonly write: (text: string) => void
}

export interface TerminalOptions extends LiveOptions {
  readonly paint: Paint
  /** Asked at each draw: windows change their size. */
  readonly size: () => { readonly columns: number; readonly rows: number }
}

/** Between redraws, ms: a person reads no faster, and a slow line is not flooded. */
const REDRAW_MS = 1_000
/** Of the latest messages above the tables. */
const MESSAGES = 5

const ESCAPE = '\u001b'
const HIDE_CURSOR = `${ESCAPE}[?25l`
const SHOW_CURSOR = `${ESCAPE}[?25h`
const CLEAR_BELOW = `${ESCAPE}[J`
/** A color, or a character. */
const PIECE = new RegExp(`${ESCAPE}\\[[\\d;]*m|.`, 'gsu')

/**
 * Redraws at the first call after `REDRAW_MS`: a call that comes sooner is held back until the next
 * one, which the sensor's own timer makes.
 */
export function terminalView({ now, write, paint, size }: TerminalOptions): ClosableView {
  let collectors: readonly CollectorStatus[] = []
  let findings: readonly FindingSummary[] = []
  let messages: readonly string[] = []
  let drawnMs = Number.NEGATIVE_INFINITY
  let drawnLines = 0
  write(HIDE_CURSOR)

  function draw(isLast = false): void {
    const nowMs = now()
    if (!isLast && Math.abs(nowMs - drawnMs) < REDRAW_MS) return
    const { columns, rows } = size()
    const options = { nowMs, width: columns, paint }
    const found =
      findings.length === 0
        ? ['No recurring transfers found so far.']
        : table(findings, findingColumns(nowMs), options)
    const lines = [...messages, '', ...collectorLines(collectors, options), '', ...found]
    // A line that wraps, or a screen that scrolls, would leave its remains above.
    const shown = lines.slice(0, Math.max(1, rows - 1))
    const up = drawnLines > 0 ? `${ESCAPE}[${drawnLines}A` : ''
    write(`${up}\r${CLEAR_BELOW}${shown.map((line) => `${cut(line, columns)}\n`).join('')}`)
    drawnLines = shown.length
    drawnMs = nowMs
  }

  return {
    collectors(statuses) {
      collectors = statuses
      draw()
    },
    findings(all) {
      findings = all
      draw()
    },
    message(line) {
      messages = [...messages, `${timeText(now())}  ${clean(line)}`].slice(-MESSAGES)
      draw()
    },
    close() {
      draw(true)
      write(SHOW_CURSOR)
    },
  }
}

/** Keeps at most `columns` columns of a line, and all of its color. */
function cut(line: string, columns: number): string {
  let left = columns
  let kept = ''
  for (const [piece] of line.matchAll(PIECE)) {
    const isColor = piece.startsWith(ESCAPE)
    left -= isColor ? 0 : displayWidth(piece)
    if (isColor || left >= 0) kept += piece
  }
  return kept
}

/** One line a change: what a log of a service wants. */
export function logView({ now, write }: LiveOptions): ClosableView {
  const say = (line: string) => write(`${timeText(now())}  ${clean(line)}\n`)
  return changes(
    {
      collector: ({ dataset, state, description, reason }) =>
        say(`${dataset}: ${state}${reason === undefined ? ` (${description})` : `: ${reason}`}`),
      finding: (it) =>
        say(
          `${it.disposition}: ${it.actor} sends to ${it.destination} ${it.form}; risk ${it.risk}, ` +
            `${it.beats} beats, last ${agoText(it.lastMs, now())}`,
        ),
      message: say,
    },
    now,
  )
}

export interface Tellers {
  readonly collector: (status: CollectorStatus) => void
  readonly finding: (finding: FindingSummary) => void
  readonly message: (line: string) => void
}

/** Of a collector or finding: what was told of it last, and what was seen. */
interface Told {
  readonly told: string | undefined
  readonly seen: string
}

/** Longer lines are cut: a name or a reason may be as long as its author likes. */
const MAX_MESSAGE = 1_000

/**
 * Tells a collector when its state or reason changed, a finding when its form or fate did; as much of
 * it as `logBound` lets pass. What was not told is told later, as it is then.
 */
export function changes({ collector, finding, message }: Tellers, now: () => number): ClosableView {
  let states = new Map<string, Told>()
  let known = new Map<string, Told>()
  const bound = logBound(now)

  function tell(kind: string, mark: string, before: Told | undefined, say: () => void): Told {
    if (before?.told === mark) return before
    if (bound.admits(kind)) {
      say()
      return { told: mark, seen: mark }
    }
    if (before?.seen !== mark) bound.omit(kind)
    return { told: before?.told, seen: mark }
  }

  return {
    collectors(statuses) {
      const next = new Map<string, Told>()
      for (const status of statuses) {
        // What starts is told when it runs, or cannot.
        if (status.state === 'starting') continue
        const { dataset } = status
        const mark = `${status.state} ${status.reason ?? ''}`
        next.set(
          dataset,
          tell(dataset, mark, states.get(dataset), () => collector(status)),
        )
      }
      states = next
      const omitted = bound.omitted()
      if (omitted !== undefined) message(omitted)
    },
    findings(all) {
      const next = new Map<string, Told>()
      for (const one of all) {
        const mark = `${one.disposition} ${one.form}`
        next.set(
          one.seriesKey,
          tell('findings', mark, known.get(one.seriesKey), () => finding(one)),
        )
      }
      known = next
    },
    message(line) {
      // What is said of the same thing differs by its figures.
      const kind = line.replace(/\d+/g, '#').slice(0, 40)
      if (bound.admits(kind)) message(line.slice(0, MAX_MESSAGE))
      else bound.omit(kind)
    },
    close() {},
  }
}

/**
 * A progress bar on one line of a terminal: share done, rate, time left. It is given its clock and
 * where to write, and writes nothing where that is no terminal.
 */
import { durationText, truncate } from './text.ts'

/** Time between two drawings, ms: faster is not read, and costs. */
const REDRAW_MS = 100
/** Before this much time the rate is a guess, and no time left is told. */
const SETTLE_MS = 1_000
const BAR_WIDTH = 24
const CLEAR_LINE = '\r\x1b[2K'

export interface ProgressState {
  /** What is being done: `Reading`. */
  readonly label: string
  readonly done: number
  readonly total: number
  /** `1,234 rows`. */
  readonly detail?: string
  /** What of `total` is done in a second, in words: `12 MiB/s`. */
  readonly rateText?: (perSecond: number) => string
  readonly elapsedMs: number
}

/** The line, without control characters. */
export function progressLine(state: ProgressState, width: number): string {
  const { label, done, total, detail, rateText, elapsedMs } = state
  const ratio = total > 0 ? Math.min(1, done / total) : 0
  const filled = Math.round(ratio * BAR_WIDTH)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`
  const percent = `${Math.floor(ratio * 100)}%`.padStart(4)
  const isSettled = elapsedMs >= SETTLE_MS && ratio > 0
  const rate = isSettled ? rateText?.((done * 1_000) / elapsedMs) : undefined
  const left = isSettled ? `${durationText((elapsedMs * (1 - ratio)) / ratio)} left` : undefined
  const parts = [`${label} ${bar} ${percent}`, detail, rate, left]
  return truncate(parts.filter(Boolean).join('  '), width)
}

export interface ProgressBar {
  update(state: Omit<ProgressState, 'elapsedMs'>): void
  /** Wipes the line. */
  end(): void
}

export interface ProgressBarOptions {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Columns of the terminal. */
  readonly width: number
  readonly now: () => number
}

/** Each label counts its own time: what comes next has another pace. */
export function progressBar({ write, isTerminal, width, now }: ProgressBarOptions): ProgressBar {
  let label: string | undefined
  let startMs = 0
  let drawnMs = Number.NEGATIVE_INFINITY
  return {
    update(state) {
      if (!isTerminal) return
      const nowMs = now()
      if (state.label !== label) {
        label = state.label
        startMs = nowMs
      } else if (nowMs - drawnMs < REDRAW_MS) return
      drawnMs = nowMs
      // One column stays free: some terminals wrap when the last is written.
      write(CLEAR_LINE + progressLine({ ...state, elapsedMs: nowMs - startMs }, width - 1))
    },
    end() {
      if (isTerminal && label !== undefined) write(CLEAR_LINE)
    },
  }
}

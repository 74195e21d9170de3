/**
 * When to assess again. A series is due when it has grown enough to change the verdict (by one run
 * while it is small, by a tenth when it is large) or when a beat that was expected did not come; not at
 * every tick. A sweep over all that are due is cut into slices, so that a host with 100,000 series
 * never holds up the event loop.
 */
import type { EpochMs } from '../../platform/event.ts'

/** Below this many observations every new one may decide. */
const SMALL = 20
/** A larger series is due again when it has grown by this share. */
const GROWTH = 0.1
/** Beats missed in a row before silence itself is news. */
const MISSED_BEATS = 3

/** What was known of a series when it was last assessed. */
export interface Assessed {
  readonly totalObservations: number
  /** When the next beat is late for good; `undefined` where no rhythm was found. */
  readonly overdueMs?: EpochMs
}

/** Remembers what was assessed, in a few dozen bytes a series. */
export interface DueBook {
  /** Says that a series now has that many observations ever. O(1). */
  observed(key: string, totalObservations: number): void
  /**
   * Says what an assessment at `nowMs` found; the series is not due until it changes again. A beat that
   * is overdue by then is no longer waited for: its silence is in the assessment.
   */
  assessed(key: string, totalObservations: number, nowMs: EpochMs, beat?: Beat): void
  /** Forgets a series that the store has dropped. */
  forget(key: string): void
  /** Moves series whose beat is overdue at `nowMs` among those due. O(number of rhythms). */
  tick(nowMs: EpochMs): void
  isDue(key: string): boolean
  readonly dueCount: number
  /** Takes the series that has been due for longest; `undefined` when none is. */
  take(): string | undefined
}

export interface Beat {
  readonly periodMs: number
  readonly nextMs: EpochMs
  readonly toleranceMs: number
}

/** Whether a series that was known as `last` should be assessed now. Pure. */
export function isDue(
  last: Assessed | undefined,
  totalObservations: number,
  nowMs: EpochMs,
): boolean {
  if (last === undefined) return true
  const grown = totalObservations - last.totalObservations
  if (grown > 0 && grown >= (last.totalObservations < SMALL ? 1 : GROWTH * last.totalObservations))
    return true
  return last.overdueMs !== undefined && nowMs >= last.overdueMs
}

export function dueBook(): DueBook {
  const known = new Map<string, Assessed>()
  const rhythms = new Set<string>()
  /** A set keeps the order of arrival. */
  const due = new Set<string>()
  return {
    observed(key, totalObservations) {
      if (isDue(known.get(key), totalObservations, Number.NEGATIVE_INFINITY)) due.add(key)
    },
    assessed(key, totalObservations, nowMs, beat) {
      const lateMs = beat && beat.nextMs + (MISSED_BEATS - 1) * beat.periodMs + beat.toleranceMs
      const overdueMs = lateMs !== undefined && lateMs > nowMs ? lateMs : undefined
      known.set(key, { totalObservations, ...(overdueMs !== undefined && { overdueMs }) })
      if (overdueMs === undefined) rhythms.delete(key)
      else rhythms.add(key)
      due.delete(key)
    },
    forget(key) {
      known.delete(key)
      rhythms.delete(key)
      due.delete(key)
    },
    tick(nowMs) {
      for (const key of rhythms) {
        if (nowMs < (known.get(key)?.overdueMs ?? Number.POSITIVE_INFINITY)) continue
        due.add(key)
        rhythms.delete(key)
      }
    },
    isDue: (key) => due.has(key),
    get dueCount() {
      return due.size
    },
    take() {
      const { value } = due.values().next()
      if (value !== undefined) due.delete(value)
      return value
    },
  }
}

/**
 * Works through what is due for at most `budgetMs`, at least one series.
 * @param nowMs a monotonic clock, handed in
 * @returns how many were done; call again from a fresh turn of the event loop while some are due
 */
export function sweep(
  book: DueBook,
  work: (key: string) => void,
  budgetMs: number,
  nowMs: () => number,
): number {
  const endMs = nowMs() + budgetMs
  let done = 0
  do {
    const key = book.take()
    if (key === undefined) break
    work(key)
    done++
  } while (nowMs() < endMs)
  return done
}

/**
 * One run of a collector, that can be given up: whoever waits for its next batch is told at once, and
 * what comes of it later is dropped. Its place in the work is known from its looks and its batches.
 */
import type { Batch, Bookmark, Collector } from '../platform/collector.ts'
import { codeOf } from '../platform/errors.ts'
import type { Looks } from './looks.ts'

export interface CollectorRun {
  /** @returns `undefined` when it has ended. One call at a time. */
  next(): Promise<Batch | undefined>
  /**
   * Ends it, as far as it can be ended: its signal aborts, and `next` rejects with this, even where it
   * never comes back by itself.
   */
  giveUp(reason: Error): void
  /** @returns for how long it has looked, or been about to start, without a sign of life, ms */
  pass(elapsedMs: number): number
  /** It waits to be told by its source. */
  readonly isListening: boolean
}

export interface RunOptions {
  readonly looks: Pick<Looks, 'follow'>
  readonly bookmark: Bookmark
  /** A look has ended. */
  readonly onLook: () => void
  /** +1 when it was given up in the midst of a wait for its source, -1 when that came to an end. */
  readonly onStuck: (by: 1 | -1) => void
}

export function startRun(
  collector: Collector,
  signal: AbortSignal,
  options: RunOptions,
): CollectorRun {
  const aborter = new AbortController()
  const own = AbortSignal.any([signal, aborter.signal])
  let isOver = false
  /** Looks by the clock; who does not is listening once it has given a first sign of life. */
  let isPolling = false
  let isBusy = true
  let busyMs = 0
  let giveUp: ((reason: Error) => void) | undefined

  options.looks.follow(own, (state) => {
    if (isOver) return
    const hasLooked = isPolling && state === 'waits'
    isPolling = state !== 'over'
    isBusy = state !== 'waits'
    busyMs = 0
    if (hasLooked && !own.aborted) options.onLook()
  })
  const batches = collector.batches(own, options.bookmark)[Symbol.asyncIterator]()

  async function step(): Promise<Batch | undefined> {
    const { done, value } = await batches.next()
    isBusy = isPolling
    busyMs = 0
    return done ? undefined : value
  }

  /** It came back after it was given up: its children, sockets and files go. Its batch is dropped. */
  async function dismiss(late: Promise<unknown>): Promise<void> {
    try {
      await late
      await batches.return?.()
    } catch (error) {
      // Whatever the source says now, it is of no use. A bug must not be hidden, however late.
      if (codeOf(error) === undefined) throw error
    } finally {
      options.onStuck(-1)
    }
  }

  return {
    // A new promise for each: a race with one that lives as long as the run would keep them all.
    next: () =>
      new Promise((resolve, reject) => {
        const stepped = step()
        stepped.then(resolve, reject)
        giveUp = (reason) => {
          isOver = true
          options.onStuck(1)
          void dismiss(stepped)
          aborter.abort()
          reject(reason)
        }
      }),
    giveUp(reason) {
      if (!isOver) giveUp?.(reason)
    },
    pass(elapsedMs) {
      if (isBusy) busyMs += elapsedMs
      return busyMs
    },
    get isListening() {
      return !isBusy && !isPolling
    },
  }
}

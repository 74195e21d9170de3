/**
 * Tells a collector that looks at its source from one that waits for its next look. Collectors wait by
 * the ticks of the clock that they are handed, so the clock knows: between a tick and asking for the
 * next is a look. A look that does not end is a hang, and is told apart from a quiet source without
 * a timer, and without a word by the collector.
 */
import type { Clock } from '../platform/collector.ts'
import type { EpochMs } from '../platform/event.ts'

/** `looks` at its source, `waits` for its next look, or is `over` with looking by the clock. */
export type LookState = 'looks' | 'waits' | 'over'

export interface Looks {
  /** The clock that collectors are handed. */
  readonly clock: Clock
  /** Tells each change in the run of a collector that was handed this signal. */
  follow(signal: AbortSignal, onChange: (state: LookState) => void): void
}

export function createLooks(clock: Clock): Looks {
  const followers = new WeakMap<AbortSignal, (state: LookState) => void>()

  async function* ticks(everyMs: number, signal: AbortSignal): AsyncGenerator<EpochMs> {
    const tell = (state: LookState): void => followers.get(signal)?.(state)
    try {
      tell('waits')
      for await (const nowMs of clock.ticks(everyMs, signal)) {
        tell('looks')
        yield nowMs
        tell('waits')
      }
    } finally {
      tell('over')
    }
  }

  return {
    clock: { now: () => clock.now(), ticks },
    follow: (signal, onChange) => void followers.set(signal, onChange),
  }
}

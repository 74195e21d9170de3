/**
 * Watches the agent's own time: a host that was suspended, a clock that was set, and the span in which
 * no agent ran. In all of them nothing was seen, which is not the same as nothing having happened.
 */
import type { EpochMs, Loss } from '../platform/event.ts'

const dataset = 'agent'
/** Slewing moves a clock by less; a busy event loop delays both clocks alike. */
const JUMP_MS = 10_000
/** A restart shorter than this misses nothing that sources do not keep. */
const RESTART_MS = 5_000

export interface Vigil {
  /** @returns the loss, where wall clock and monotonic clock parted since the last look */
  look(nowMs: EpochMs, monotonicMs: number): Loss | undefined
}

export function vigil(): Vigil {
  let last: { readonly nowMs: EpochMs; readonly monotonicMs: number } | undefined
  return {
    look(nowMs, monotonicMs) {
      const before = last
      last = { nowMs, monotonicMs }
      if (before === undefined) return undefined
      const jumpMs = nowMs - before.nowMs - (monotonicMs - before.monotonicMs)
      if (Math.abs(jumpMs) < JUMP_MS) return undefined
      // Backwards, the span between has two meanings; it is told without one.
      const span = jumpMs > 0 ? { fromMs: before.nowMs } : {}
      return { kind: 'loss', atMs: nowMs, dataset, reason: 'clock-jump', ...span }
    },
  }
}

/** @param aliveMs when the last agent was last known to live; `undefined` at the very first start */
export function absence(aliveMs: EpochMs | undefined, nowMs: EpochMs): Loss | undefined {
  if (aliveMs === undefined || nowMs - aliveMs < RESTART_MS) return undefined
  return { kind: 'loss', atMs: nowMs, dataset, reason: 'restart', fromMs: aliveMs }
}

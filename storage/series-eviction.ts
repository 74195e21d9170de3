/** Which series go when there are too many: the least interesting, and of those the longest unseen. */
import type { RecentSeries } from './recent-series.ts'
import type { SeriesStatements } from './series-statements.ts'
import type { Totals } from './totals.ts'

/**
 * This part of the series may always be newcomers, seen once or twice. Without it a full store of
 * repeated series would evict each newcomer before its third beat.
 */
const NEWCOMER_RATIO = 1 / 8
/** Evicted at once, of the bound: one eviction then serves many batches. */
const EVICTION_RATIO = 1 / 256

/** What is evicted first to last. Within each: what was not seen for longest. */
export const INTEREST = { newcomer: 0, repeated: 1, recurring: 2 }

export interface Evictor {
  /** Evicts what is over the bound, and some more, so that the next batches have room. */
  evictOver(): void
  /** Drops `count` series: newcomers beyond their share, then the repeated, then the recurring. */
  evict(count: number): number
}

export function evictor(
  statements: SeriesStatements,
  totals: Totals,
  recent: RecentSeries,
  maxSeries: number,
): Evictor {
  function evictOf(interest: number, count: number): number {
    if (count <= 0) return 0
    const { counts } = totals
    const rows = statements.leastInteresting.all(interest, count)
    for (const { id, key } of rows) {
      counts.observations -= statements.forgetObservations.run(id).changes
      statements.forgetFinding.run(key)
      statements.forget.run(id)
      recent.forget(key)
    }
    counts.series -= rows.length
    counts.evictedSeries += rows.length
    return rows.length
  }

  function evict(count: number): number {
    const share = Math.ceil(maxSeries * NEWCOMER_RATIO)
    const newcomers = statements.countNewcomers.get() ?? 0
    const { newcomer, repeated, recurring } = INTEREST
    let evicted = evictOf(newcomer, Math.min(count, newcomers - share))
    for (const interest of [repeated, newcomer, recurring]) {
      evicted += evictOf(interest, count - evicted)
    }
    return evicted
  }

  return {
    evictOver() {
      const surplus = totals.counts.series - maxSeries
      if (surplus > 0) evict(Math.max(surplus, Math.floor(maxSeries * EVICTION_RATIO)))
    },
    evict,
  }
}

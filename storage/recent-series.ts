/**
 * Rows of the series that were written last, so that the next transfer of one neither looks for its
 * row nor writes again what did not change. Only what repeats is worth the memory: a flood of
 * destinations that are seen once passes by.
 *
 * It is right because one connection alone writes, and only as long as its transactions succeed:
 * after a rollback it is cleared.
 */
import type { SeriesIdentity } from './series.ts'
import type { SeriesRow } from './series-statements.ts'

/** A series as the next transfer of it needs it. */
export interface LiveSeries extends SeriesRow {
  kept: number
  last_seen_ms: number
  /** Of the observation that holds `latest`; `undefined` where none does. */
  told_ms: number | undefined
}

/** Some 1 KB each. */
const MAX_RECENT = 4_096

interface Recent {
  readonly row: LiveSeries
  /** As stored. */
  readonly identity: SeriesIdentity
}

export class RecentSeries {
  readonly #byKey = new Map<string, Recent>()

  row(key: string): LiveSeries | undefined {
    return this.#byKey.get(key)?.row
  }

  /** Whether this is what is stored of the series. */
  isTold(identity: SeriesIdentity): boolean {
    const recent = this.#byKey.get(identity.key)
    return recent !== undefined && isSame(recent.identity, identity)
  }

  put(row: LiveSeries, identity: SeriesIdentity): void {
    const { key } = identity
    this.#byKey.delete(key)
    this.#byKey.set(key, { row, identity })
    if (this.#byKey.size > MAX_RECENT) this.forget(this.#byKey.keys().next().value as string)
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }

  clear(): void {
    this.#byKey.clear()
  }
}

/** All but the key: it is the same. */
const FIELDS = [
  ...(['actor', 'userId', 'sourceIp', 'destinationIp', 'destinationDomain'] as const),
  ...(['destinationPort', 'transport'] as const),
]

const isSame = (one: SeriesIdentity, other: SeriesIdentity): boolean =>
  one === other || FIELDS.every((field) => one[field] === other[field])

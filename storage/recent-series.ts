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

/** Some 1 KB each. */
const MAX_RECENT = 4_096

interface Recent {
  readonly row: SeriesRow
  /** As stored. */
  identity: SeriesIdentity
  context: string | undefined
}

export class RecentSeries {
  readonly #byKey = new Map<string, Recent>()

  row(key: string): SeriesRow | undefined {
    return this.#byKey.get(key)?.row
  }

  /** Whether this is what the series' story says. `context` undefined: as it is. */
  isTold(identity: SeriesIdentity, context: string | undefined): boolean {
    const recent = this.#byKey.get(identity.key)
    if (recent === undefined) return false
    return isSame(recent.identity, identity) && (context ?? recent.context) === recent.context
  }

  put(row: SeriesRow, identity: SeriesIdentity, context: string | undefined): void {
    const { key } = identity
    const kept = context ?? this.#byKey.get(key)?.context
    this.#byKey.delete(key)
    this.#byKey.set(key, { row, identity, context: kept })
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

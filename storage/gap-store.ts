/**
 * The spans in which we were blind: disjoint, ascending, bounded. Spans that overlap or touch become
 * one, under the reason of the longest, since blind is blind, whatever the reason.
 */
import type { Database, Statement } from 'better-sqlite3'
import type { EpochMs } from '../platform/event.ts'
import type { Gap } from './series.ts'

export class GapStore {
  readonly #maxGaps: number
  readonly #touching: Statement<[number, number], Gap>
  readonly #forgetTouching: Statement<[number, number]>
  readonly #insert: Statement<[Gap]>
  readonly #count: Statement<[], number>
  readonly #evict: Statement<[number]>
  readonly #since: Statement<[number], Gap>

  constructor(db: Database, maxGaps: number) {
    const columns = 'from_ms AS fromMs, to_ms AS toMs, reason'
    this.#maxGaps = maxGaps
    this.#touching = db.prepare(
      `SELECT ${columns} FROM gap WHERE from_ms <= ? AND to_ms >= ? ORDER BY from_ms`,
    )
    this.#forgetTouching = db.prepare('DELETE FROM gap WHERE from_ms <= ? AND to_ms >= ?')
    this.#insert = db.prepare('INSERT INTO gap VALUES (@fromMs, @toMs, @reason)')
    this.#count = db.prepare<[], number>('SELECT count(*) FROM gap').pluck()
    this.#evict = db.prepare(
      'DELETE FROM gap WHERE from_ms IN (SELECT from_ms FROM gap ORDER BY from_ms LIMIT ?)',
    )
    this.#since = db.prepare(`SELECT ${columns} FROM gap WHERE to_ms > ? ORDER BY from_ms`)
  }

  /** Within a transaction. A span without length says nothing, and is left out. */
  put(gaps: readonly Gap[]): void {
    for (const { fromMs, toMs, reason } of gaps) {
      const gap = { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs), reason }
      if (gap.fromMs < gap.toMs) this.#putOne(gap)
    }
    const surplus = (this.#count.get() ?? 0) - this.#maxGaps
    if (surplus > 0) this.#evict.run(surplus)
  }

  #putOne(gap: Gap): void {
    let joined = gap
    let longest = gap
    for (const other of this.#touching.all(gap.toMs, gap.fromMs)) {
      if (lengthOf(other) > lengthOf(longest)) longest = other
      joined = {
        fromMs: Math.min(joined.fromMs, other.fromMs),
        toMs: Math.max(joined.toMs, other.toMs),
        reason: longest.reason,
      }
    }
    this.#forgetTouching.run(gap.toMs, gap.fromMs)
    this.#insert.run(joined)
  }

  /** Those that end after `sinceMs`. */
  since(sinceMs: EpochMs): readonly Gap[] {
    return this.#since.all(sinceMs)
  }
}

const lengthOf = ({ fromMs, toMs }: Gap): number => toMs - fromMs

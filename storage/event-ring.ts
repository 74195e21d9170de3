/**
 * The newest raw events, bounded by bytes: what a person reads behind a finding. A row holds many
 * events as one JSON array, compressed, since a row for each would cost ten times the writing (and one
 * `JSON.stringify` for all takes half the time of one for each). Its price is that eviction takes
 * whole rows, and that the ring has no index but time.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Database, Statement } from 'better-sqlite3'
import type { EpochMs, Event } from '../platform/event.ts'
import type { Totals } from './totals.ts'

/** Events a row: the unit of compression and of eviction, a few 100 KB of JSON. */
const EVENTS_A_ROW = 1_000
/** Below this many characters compressing costs more than it saves. */
const WORTH_COMPRESSING = 1_024
/** Rows looked at in one step of eviction. */
const EVICTION_ROWS = 64
/** The fastest level: measured at 5 times the speed of deflate 1, and smaller. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export interface EncodedEvents {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly count: number
  readonly encoding: 'plain' | 'zstd'
  readonly body: Buffer
}

/** The rows that a batch becomes. Encoding is done before the transaction that stores them. */
export function encodeEvents(events: readonly Event[]): readonly EncodedEvents[] {
  const rows: EncodedEvents[] = []
  for (let from = 0; from < events.length; from += EVENTS_A_ROW) {
    rows.push(encodeRow(events.slice(from, from + EVENTS_A_ROW)))
  }
  return rows
}

function encodeRow(events: readonly Event[]): EncodedEvents {
  const text = JSON.stringify(events)
  let fromMs = Number.POSITIVE_INFINITY
  let toMs = Number.NEGATIVE_INFINITY
  for (const event of events) {
    fromMs = Math.min(fromMs, event.atMs)
    toMs = Math.max(toMs, event.atMs)
  }
  const isLarge = text.length >= WORTH_COMPRESSING
  return {
    fromMs: Math.floor(fromMs),
    toMs: Math.ceil(toMs),
    count: events.length,
    encoding: isLarge ? 'zstd' : 'plain',
    body: isLarge ? zstdCompressSync(text, ZSTD) : Buffer.from(text),
  }
}

interface StoredRow {
  readonly encoding: 'plain' | 'zstd'
  readonly body: Buffer
}

interface RowSize {
  readonly id: number
  readonly count: number
  readonly bytes: number
}

export class EventRing {
  readonly #totals: Totals
  readonly #maxBytes: number
  readonly #insert: Statement<[number, number, number, number, string, Buffer]>
  readonly #oldest: Statement<[], RowSize>
  readonly #evict: Statement<[number]>
  readonly #within: Statement<[number, number], number>
  readonly #row: Statement<[number], StoredRow>
  readonly #ends: Statement<[], { oldestMs: number | null; newestMs: number | null }>

  constructor(db: Database, totals: Totals, maxBytes: number) {
    this.#totals = totals
    this.#maxBytes = maxBytes
    this.#insert = db.prepare(
      'INSERT INTO event_batch (from_ms, to_ms, count, bytes, encoding, body) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#oldest = db.prepare(
      `SELECT id, count, bytes FROM event_batch ORDER BY id LIMIT ${EVICTION_ROWS}`,
    )
    this.#evict = db.prepare('DELETE FROM event_batch WHERE id <= ?')
    this.#within = db
      .prepare<[number, number], number>(
        'SELECT id FROM event_batch WHERE to_ms >= ? AND from_ms < ? ORDER BY id',
      )
      .pluck()
    this.#row = db.prepare('SELECT encoding, body FROM event_batch WHERE id = ?')
    this.#ends = db.prepare(
      `SELECT (SELECT from_ms FROM event_batch ORDER BY id LIMIT 1) AS oldestMs,
              (SELECT to_ms FROM event_batch ORDER BY id DESC LIMIT 1) AS newestMs`,
    )
  }

  /** Within a transaction. */
  append(rows: readonly EncodedEvents[]): void {
    const { counts } = this.#totals
    for (const { fromMs, toMs, count, encoding, body } of rows) {
      this.#insert.run(fromMs, toMs, count, body.length, encoding, body)
      counts.events += count
      counts.eventBytes += body.length
    }
    this.evict(counts.eventBytes - this.#maxBytes)
  }

  /** Drops the oldest rows until at least `bytes` are gone, and says how many were. */
  evict(bytes: number): number {
    const { counts } = this.#totals
    let evictedBytes = 0
    while (evictedBytes < bytes) {
      let last: number | undefined
      for (const { id, count, bytes: size } of this.#oldest.all()) {
        if (evictedBytes >= bytes) break
        last = id
        evictedBytes += size
        counts.events -= count
        counts.eventBytes -= size
        counts.evictedEvents += count
      }
      if (last === undefined) break
      this.#evict.run(last)
    }
    return evictedBytes
  }

  /** Events of `[fromMs, toMs)` in the order in which they were stored. */
  *events(fromMs: EpochMs, toMs: EpochMs): IterableIterator<Event> {
    // Row by row, since an open query would bar the connection from writing meanwhile.
    for (const id of this.#within.all(fromMs, toMs)) {
      const row = this.#row.get(id)
      if (row === undefined) continue
      const { encoding, body } = row
      const text = (encoding === 'zstd' ? zstdDecompressSync(body) : body).toString()
      // What encodeRow wrote.
      for (const event of JSON.parse(text) as Event[]) {
        if (event.atMs >= fromMs && event.atMs < toMs) yield event
      }
    }
  }

  /** Of the oldest and the newest row; absent where the ring is empty. */
  span(): { readonly oldestEventMs?: EpochMs; readonly newestEventMs?: EpochMs } {
    const { oldestMs, newestMs } = this.#ends.get() ?? {}
    if (typeof oldestMs !== 'number' || typeof newestMs !== 'number') return {}
    return { oldestEventMs: oldestMs, newestEventMs: newestMs }
  }
}

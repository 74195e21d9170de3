/**
 * Running totals, so that bounds and status cost no scan. They are one row, written once in each
 * transaction that changed them; after a rollback they are read again.
 */
import type { Database, Statement } from 'better-sqlite3'

export interface TotalCounts {
  events: number
  /** Of the encoded batches in the ring. */
  eventBytes: number
  evictedEvents: number
  series: number
  observations: number
  evictedSeries: number
  evictedAlerts: number
  /** Start of the newest transfer, ms; 0 before the first. */
  newestMs: number
}

type Row = Record<keyof TotalCounts, number>

export class Totals {
  /** Changed in place by the stores, inside a transaction. */
  counts: TotalCounts
  readonly #read: Statement<[], Row>
  readonly #write: Statement<[Row]>

  constructor(db: Database) {
    this.#read = db.prepare<[], Row>(
      `SELECT events, event_bytes AS eventBytes, evicted_events AS evictedEvents, series,
              observations, evicted_series AS evictedSeries, evicted_alerts AS evictedAlerts,
              newest_ms AS newestMs
       FROM total`,
    )
    this.#write = db.prepare<[Row]>(
      `UPDATE total SET events = @events, event_bytes = @eventBytes,
         evicted_events = @evictedEvents, series = @series, observations = @observations,
         evicted_series = @evictedSeries, evicted_alerts = @evictedAlerts,
         newest_ms = @newestMs`,
    )
    this.counts = this.stored()
  }

  /** As they were last committed, also by another process. */
  stored(): TotalCounts {
    const row = this.#read.get()
    if (row === undefined) throw new Error('the totals have no row')
    return row
  }

  reload(): void {
    this.counts = this.stored()
  }

  save(): void {
    this.#write.run(this.counts)
  }
}

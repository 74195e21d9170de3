/**
 * Alerts, and what of them the endpoint still wants. An alert keeps its id as its episode goes on;
 * its revision rises with each update that is to be sent, and the endpoint's word is kept by
 * revision, so that an answer to the last one never settles the next.
 *
 * Bounded: what the endpoint has settled goes first, the oldest update first; only then what waits.
 */
import type { Database, Statement } from 'better-sqlite3'
import type { AlertRecord, AlertRevision, RejectedAlert, StoredAlert } from './alert.ts'
import type { Totals } from './totals.ts'

interface AlertRow {
  readonly id: string
  readonly series_key: string
  readonly created_ms: number
  readonly updated_ms: number
  readonly document: string
  readonly send: number
  readonly revision: number
  readonly sent_revision: number
  readonly rejected: string | null
}

const COLUMNS =
  'id, series_key, created_ms, updated_ms, document, send, revision, sent_revision, rejected'

export interface AlertCounts {
  readonly waiting: number
  readonly sent: number
  readonly rejected: number
}

export class Outbox {
  readonly #totals: Totals
  readonly #maxAlerts: number
  readonly #upsert: Statement<[string, string, number, number, string, number, number]>
  readonly #get: Statement<[string], AlertRow>
  readonly #newest: Statement<[number], AlertRow>
  readonly #unsent: Statement<[number], AlertRow>
  readonly #sent: Statement<[{ id: string; revision: number }]>
  readonly #rejected: Statement<[{ id: string; revision: number; reason: string }]>
  readonly #count: Statement<[], number>
  readonly #evict: Statement<[number]>
  readonly #counts: Statement<[], AlertCounts>

  constructor(db: Database, totals: Totals, maxAlerts: number) {
    this.#totals = totals
    this.#maxAlerts = maxAlerts
    this.#upsert = db.prepare(
      `INSERT INTO alert
         (id, series_key, created_ms, updated_ms, document, send, revision, sent_revision, settled_revision)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)
       ON CONFLICT (id) DO UPDATE SET
         updated_ms = excluded.updated_ms, document = excluded.document, send = excluded.send,
         revision = revision + excluded.revision`,
    )
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM alert WHERE id = ?`)
    this.#newest = db.prepare(`SELECT ${COLUMNS} FROM alert ORDER BY updated_ms DESC LIMIT ?`)
    this.#unsent = db.prepare(
      `SELECT ${COLUMNS} FROM alert WHERE revision > settled_revision ORDER BY updated_ms LIMIT ?`,
    )
    this.#sent = db.prepare(
      `UPDATE alert SET sent_revision = max(sent_revision, @revision), rejected = NULL,
         settled_revision = max(settled_revision, @revision)
       WHERE id = @id AND revision >= @revision`,
    )
    this.#rejected = db.prepare(
      `UPDATE alert SET rejected = @reason, settled_revision = @revision
       WHERE id = @id AND revision >= @revision AND settled_revision < @revision`,
    )
    this.#count = db.prepare<[], number>('SELECT count(*) FROM alert').pluck()
    this.#evict = db.prepare(
      `DELETE FROM alert WHERE id IN
         (SELECT id FROM alert ORDER BY revision > settled_revision, updated_ms LIMIT ?)`,
    )
    this.#counts = db.prepare(
      `SELECT count(*) FILTER (WHERE revision > settled_revision) AS waiting,
              count(*) FILTER (WHERE sent_revision > 0) AS sent,
              count(*) FILTER (WHERE rejected IS NOT NULL) AS rejected
       FROM alert`,
    )
  }

  /** Within a transaction. */
  put(alerts: readonly AlertRecord[]): void {
    for (const { id, seriesKey, createdMs, updatedMs, document, send } of alerts) {
      const raise = send ? 1 : 0
      this.#upsert.run(
        id,
        seriesKey,
        Math.round(createdMs),
        Math.round(updatedMs),
        document,
        raise,
        raise,
      )
    }
    const surplus = (this.#count.get() ?? 0) - this.#maxAlerts
    if (surplus > 0) this.#totals.counts.evictedAlerts += this.#evict.run(surplus).changes
  }

  get(id: string): StoredAlert | undefined {
    const row = this.#get.get(id)
    return row && toAlert(row)
  }

  newest(limit: number): readonly StoredAlert[] {
    return this.#newest.all(limit).map(toAlert)
  }

  unsent(limit: number): readonly StoredAlert[] {
    return this.#unsent.all(limit).map(toAlert)
  }

  /** Within a transaction. */
  markSent(sent: readonly AlertRevision[]): void {
    for (const { id, revision } of sent) this.#sent.run({ id, revision })
  }

  /** Within a transaction. */
  markRejected(rejected: readonly RejectedAlert[]): void {
    for (const { id, revision, reason } of rejected) this.#rejected.run({ id, revision, reason })
  }

  counts(): AlertCounts {
    return this.#counts.get() ?? { waiting: 0, sent: 0, rejected: 0 }
  }
}

const toAlert = (row: AlertRow): StoredAlert => ({
  id: row.id,
  seriesKey: row.series_key,
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
  document: row.document,
  send: row.send === 1,
  revision: row.revision,
  sentRevision: row.sent_revision,
  ...(row.rejected === null ? {} : { rejected: row.rejected }),
})

/**
 * Alerts, and what of them each output still wants. An alert keeps its id as its episode goes on; its
 * revision rises with each update that is to be sent, and an output's word is kept by revision, so
 * that an answer to the last one never settles the next.
 *
 * `sent_revision` and `settled_revision` of an alert are what every output has, so that the index of
 * what waits stays as small as what waits; each output's own are in `delivery`.
 *
 * Bounded: what all outputs have settled goes first, the oldest update first; only then what waits.
 */
import type { Database, Statement } from 'better-sqlite3'
import type { AlertRecord, AlertRevision, RejectedDocument, StoredAlert } from './alert.ts'
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

const COLUMNS = `alert.id, series_key, created_ms, updated_ms, document, send, revision,
  alert.sent_revision,
  (SELECT output || ': ' || reason FROM dead_letter
   WHERE dead_letter.id = alert.id AND dead_letter.revision > alert.sent_revision
   ORDER BY dead_letter.revision DESC LIMIT 1) AS rejected`

/** What every output has of an alert; nothing where there is no output. */
const OF_ALL = (column: string) => `coalesce((
  SELECT min(coalesce(delivery.${column}, 0)) FROM output
  LEFT JOIN delivery ON delivery.alert_id = alert.id AND delivery.output = output.name), 0)`
const AGGREGATE = `UPDATE alert SET sent_revision = ${OF_ALL('sent_revision')},
  settled_revision = ${OF_ALL('settled_revision')}`

export interface AlertCounts {
  readonly waiting: number
  readonly sent: number
}

interface Answer {
  readonly id: string
  readonly revision: number
  readonly output: string
}

export class Outbox {
  readonly #totals: Totals
  readonly #maxAlerts: number
  readonly #upsert: Statement<[string, string, number, number, string, number, number]>
  readonly #get: Statement<[string], AlertRow>
  readonly #newest: Statement<[number], AlertRow>
  readonly #unsent: Statement<[string, number], AlertRow>
  readonly #sent: Statement<[Answer]>
  readonly #rejected: Statement<[Answer]>
  readonly #aggregate: Statement<[string]>
  readonly #aggregateAll: Statement<[]>
  readonly #outputs: Statement<[], string>
  readonly #removeOutputs: Statement<[]>
  readonly #addOutput: Statement<[string]>
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
      `SELECT ${COLUMNS} FROM alert
       LEFT JOIN delivery ON delivery.alert_id = alert.id AND delivery.output = ?
       WHERE revision > alert.settled_revision
         AND revision > coalesce(delivery.settled_revision, 0)
       ORDER BY updated_ms LIMIT ?`,
    )
    this.#sent = db.prepare(
      `INSERT INTO delivery (alert_id, output, sent_revision, settled_revision)
         SELECT id, @output, @revision, @revision FROM alert
         WHERE id = @id AND revision >= @revision
       ON CONFLICT (alert_id, output) DO UPDATE SET
         sent_revision = max(sent_revision, excluded.sent_revision),
         settled_revision = max(settled_revision, excluded.settled_revision)`,
    )
    this.#rejected = db.prepare(
      `INSERT INTO delivery (alert_id, output, sent_revision, settled_revision)
         SELECT id, @output, 0, @revision FROM alert WHERE id = @id AND revision >= @revision
       ON CONFLICT (alert_id, output) DO UPDATE SET settled_revision = excluded.settled_revision
         WHERE settled_revision < excluded.settled_revision`,
    )
    this.#aggregate = db.prepare(`${AGGREGATE} WHERE id = ?`)
    this.#aggregateAll = db.prepare(AGGREGATE)
    this.#outputs = db.prepare<[], string>('SELECT name FROM output ORDER BY name').pluck()
    this.#removeOutputs = db.prepare('DELETE FROM output')
    this.#addOutput = db.prepare('INSERT INTO output VALUES (?)')
    this.#count = db.prepare<[], number>('SELECT count(*) FROM alert').pluck()
    this.#evict = db.prepare(
      `DELETE FROM alert WHERE id IN
         (SELECT id FROM alert ORDER BY revision > settled_revision, updated_ms LIMIT ?)`,
    )
    this.#counts = db.prepare(
      `SELECT count(*) FILTER (WHERE revision > settled_revision) AS waiting,
              count(*) FILTER (WHERE sent_revision > 0) AS sent
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

  /** Within a transaction. What an output said that is not named now is kept for when it is again. */
  setOutputs(names: readonly string[]): void {
    const wanted = [...new Set(names)].toSorted()
    if (wanted.join('\n') === this.#outputs.all().join('\n')) return
    this.#removeOutputs.run()
    for (const name of wanted) this.#addOutput.run(name)
    this.#aggregateAll.run()
  }

  unsent(output: string, limit: number): readonly StoredAlert[] {
    return this.#unsent.all(output, limit).map(toAlert)
  }

  /** Within a transaction. */
  markSent(output: string, sent: readonly AlertRevision[]): void {
    for (const { id, revision } of sent) {
      this.#sent.run({ id, revision, output })
      this.#aggregate.run(id)
    }
  }

  /**
   * Within a transaction.
   * @returns those that are news: not settled before, or no alert of this outbox
   */
  settleRejected(
    output: string,
    rejected: readonly RejectedDocument[],
  ): readonly RejectedDocument[] {
    return rejected.filter(({ id, revision }) => {
      if (this.#get.get(id) === undefined) return true
      const { changes } = this.#rejected.run({ id, revision, output })
      this.#aggregate.run(id)
      return changes > 0
    })
  }

  counts(): AlertCounts {
    return this.#counts.get() ?? { waiting: 0, sent: 0 }
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

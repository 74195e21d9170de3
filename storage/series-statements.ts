/**
 * The SQL of the series store, prepared once for each connection. None of it that runs for every
 * batch reads more than the rows it names; the test holds that each has an index.
 */
import type { Database } from 'better-sqlite3'

export interface SeriesRow {
  readonly id: number
  first_seen_ms: number
  oldest_ms: number
  last_seen_ms: number
  kept: number
  total: number
  identity: string
  context: string | null
}

export interface ObservationRow {
  readonly at_ms: number
  readonly sent_bytes: number | null
  readonly received_bytes: number | null
  readonly connections: number
}

const NEWEST_OF = (interest: number): string =>
  `(SELECT max(last_seen_ms) FROM series WHERE interest = ${interest})`

export type SeriesStatements = ReturnType<typeof prepareSeries>

export const prepareSeries = (db: Database) => ({
  find: db.prepare<[string], SeriesRow>(
    `SELECT id, first_seen_ms, oldest_ms, last_seen_ms, kept, total, identity, context
     FROM series WHERE key = ?`,
  ),
  total: db.prepare<[string], number>('SELECT total FROM series WHERE key = ?').pluck(),
  insert: db.prepare<[string, number, number, number, string]>(
    `INSERT INTO series (key, first_seen_ms, oldest_ms, last_seen_ms, kept, total, interest, identity)
     VALUES (?, ?, ?, ?, 0, 0, 0, ?)`,
  ),
  update: db.prepare<[SeriesRow]>(
    `UPDATE series SET first_seen_ms = @first_seen_ms, last_seen_ms = @last_seen_ms,
       kept = @kept, total = @total, interest = iif(interest = 2, 2, @total > 2),
       identity = @identity, context = @context
     WHERE id = @id`,
  ),
  /** Apart from \`update\`: a column that is named there costs its index, changed or not. */
  updateOldest: db.prepare<[number, number]>('UPDATE series SET oldest_ms = ? WHERE id = ?'),
  observe: db.prepare<[number, number, number | null, number | null, number]>(
    'INSERT INTO observation VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ),
  correct: db.prepare<[number | null, number | null, number, number, number]>(
    `UPDATE observation SET sent_bytes = ?, received_bytes = ?, connections = ?
     WHERE series_id = ? AND at_ms = ?`,
  ),
  trim: db.prepare<[number, number, number]>(
    `DELETE FROM observation WHERE series_id = ? AND at_ms IN
       (SELECT at_ms FROM observation WHERE series_id = ? ORDER BY at_ms LIMIT ?)`,
  ),
  oldestOf: db
    .prepare<[number], number>('SELECT min(at_ms) FROM observation WHERE series_id = ?')
    .pluck(),
  observations: db.prepare<[number], ObservationRow>(
    `SELECT at_ms, sent_bytes, received_bytes, connections FROM observation
     WHERE series_id = ? ORDER BY at_ms`,
  ),
  countNewcomers: db.prepare<[], number>('SELECT count(*) FROM series WHERE interest = 0').pluck(),
  leastInteresting: db.prepare<[number, number], { id: number; key: string; kept: number }>(
    'SELECT id, key, kept FROM series WHERE interest = ? ORDER BY last_seen_ms LIMIT ?',
  ),
  forgetObservations: db.prepare<[number]>('DELETE FROM observation WHERE series_id = ?'),
  forgetFinding: db.prepare<[string]>('DELETE FROM finding WHERE series_key = ?'),
  forget: db.prepare<[number]>('DELETE FROM series WHERE id = ?'),
  interest: db.prepare<[string], number>('SELECT interest FROM series WHERE key = ?').pluck(),
  mark: db.prepare<[number, string]>(
    'UPDATE series SET interest = iif(?, 2, total > 2) WHERE key = ?',
  ),
  keys: db.prepare<[], string>('SELECT key FROM series ORDER BY last_seen_ms DESC').pluck(),
  span: db.prepare<[], { oldestMs: number | null; newestMs: number | null }>(
    `SELECT (SELECT min(oldest_ms) FROM series) AS oldestMs,
            max(ifnull(${NEWEST_OF(0)}, -1e15), ifnull(${NEWEST_OF(1)}, -1e15),
                ifnull(${NEWEST_OF(2)}, -1e15)) AS newestMs`,
  ),
})

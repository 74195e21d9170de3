/**
 * The SQL of the series store, prepared once for each connection. None of it that runs for every
 * batch reads more than the rows it names; the test holds that each has an index.
 */
import type { Database } from 'better-sqlite3'
import type { Observation } from './series.ts'

/** A series as its row says, and what its observations do. */
export interface SeriesRow {
  readonly id: number
  first_seen_ms: number
  oldest_ms: number
  dropped: number
  interest: number
  rank_ms: number
  /** JSON. */
  identity: string
  context: string | null
}

export interface KeptRow {
  readonly kept: number
  readonly newest_ms: number
  /** Of the observation that holds \`latest\`. */
  readonly told_ms: number | null
}

/** Time, bytes sent, bytes received, connections. */
export type ObservationRow = [number, number | null, number | null, number]

export type SeriesStatements = ReturnType<typeof prepareSeries>

export const prepareSeries = (db: Database) => ({
  find: db.prepare<[string], SeriesRow>(
    `SELECT id, first_seen_ms, oldest_ms, dropped, interest, rank_ms, identity, context
     FROM series WHERE key = ?`,
  ),
  kept: db.prepare<[number], KeptRow>(
    `SELECT count(*) AS kept, max(at_ms) AS newest_ms,
            max(at_ms) FILTER (WHERE latest IS NOT NULL) AS told_ms
     FROM observation WHERE series_id = ?`,
  ),
  total: db
    .prepare<[string], number>(
      `SELECT dropped + (SELECT count(*) FROM observation WHERE series_id = id)
       FROM series WHERE key = ?`,
    )
    .pluck(),
  insert: db.prepare<[string, number, number, number, string, string | null]>(
    `INSERT INTO series
       (key, first_seen_ms, oldest_ms, dropped, interest, rank_ms, identity, context)
     VALUES (?, ?, ?, 0, 0, ?, ?, ?)`,
  ),
  /** Apart from the next: a column that is named there costs its index, changed or not. */
  updateOldest: db.prepare<[number, number, number, number]>(
    'UPDATE series SET first_seen_ms = ?, oldest_ms = ?, dropped = ? WHERE id = ?',
  ),
  updateRank: db.prepare<[number, number, number]>(
    'UPDATE series SET interest = ?, rank_ms = ? WHERE id = ?',
  ),
  updateStory: db.prepare<[string, string | null, number]>(
    'UPDATE series SET identity = ?, context = ? WHERE id = ?',
  ),
  observe: db.prepare<[number, number, number | null, number | null, number, string | null]>(
    'INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ),
  correct: db.prepare<[number | null, number | null, number, string | null, number, number]>(
    `UPDATE observation
     SET sent_bytes = ?, received_bytes = ?, connections = ?, latest = ifnull(?, latest)
     WHERE series_id = ? AND at_ms = ?`,
  ),
  forgetLatest: db.prepare<[number, number]>(
    'UPDATE observation SET latest = NULL WHERE series_id = ? AND at_ms = ?',
  ),
  trim: db.prepare<[number, number, number]>(
    `DELETE FROM observation WHERE series_id = ? AND at_ms IN
       (SELECT at_ms FROM observation WHERE series_id = ? ORDER BY at_ms LIMIT ?)`,
  ),
  oldestOf: db
    .prepare<[number], number>('SELECT min(at_ms) FROM observation WHERE series_id = ?')
    .pluck(),
  observations: db
    .prepare<[number], ObservationRow>(
      `SELECT at_ms, sent_bytes, received_bytes, connections FROM observation
       WHERE series_id = ? ORDER BY at_ms`,
    )
    .raw(),
  latest: db
    .prepare<[number], string>(
      `SELECT latest FROM observation WHERE series_id = ? AND latest IS NOT NULL
       ORDER BY at_ms DESC LIMIT 1`,
    )
    .pluck(),
  countNewcomers: db.prepare<[], number>('SELECT count(*) FROM series WHERE interest = 0').pluck(),
  leastInteresting: db.prepare<[number, number], { id: number; key: string }>(
    'SELECT id, key FROM series WHERE interest = ? ORDER BY rank_ms, id LIMIT ?',
  ),
  forgetObservations: db.prepare<[number]>('DELETE FROM observation WHERE series_id = ?'),
  forgetFinding: db.prepare<[string]>('DELETE FROM finding WHERE series_key = ?'),
  forget: db.prepare<[number]>('DELETE FROM series WHERE id = ?'),
  interest: db.prepare<[string], number>('SELECT interest FROM series WHERE key = ?').pluck(),
  mark: db.prepare<[number, string]>('UPDATE series SET interest = ? WHERE key = ?'),
  keys: db.prepare<[], string>('SELECT key FROM series ORDER BY rank_ms DESC, id DESC').pluck(),
  oldest: db.prepare<[], number | null>('SELECT min(oldest_ms) FROM series').pluck(),
})

export function toObservation([
  atMs,
  sentBytes,
  receivedBytes,
  connections,
]: ObservationRow): Observation {
  if (sentBytes !== null && receivedBytes !== null) {
    return { atMs, sentBytes, receivedBytes, connections }
  }
  return {
    atMs,
    ...(sentBytes !== null && { sentBytes }),
    ...(receivedBytes !== null && { receivedBytes }),
    connections,
  }
}

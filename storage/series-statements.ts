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
  interest: number
  latest: string | null
}

export interface StoryRow {
  readonly identity: string
  readonly context: string | null
}

export interface ObservationRow {
  readonly at_ms: number
  readonly sent_bytes: number | null
  readonly received_bytes: number | null
  readonly connections: number
}

export type SeriesStatements = ReturnType<typeof prepareSeries>

export const prepareSeries = (db: Database) => ({
  find: db.prepare<[string], SeriesRow>(
    `SELECT id, first_seen_ms, oldest_ms, last_seen_ms, kept, total, interest, latest
     FROM series WHERE key = ?`,
  ),
  story: db.prepare<[number], StoryRow>(
    'SELECT identity, context FROM series_story WHERE series_id = ?',
  ),
  total: db.prepare<[string], number>('SELECT total FROM series WHERE key = ?').pluck(),
  insert: db.prepare<
    [string, number, number, number, number, number, number, number, string | null]
  >(
    `INSERT INTO series (key, first_seen_ms, oldest_ms, last_seen_ms, kept, total, interest, rank_ms, latest)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  insertStory: db.prepare<[number, string, string | null]>(
    'INSERT INTO series_story VALUES (?, ?, ?)',
  ),
  update: db.prepare<[number, number, number, number, string | null, number]>(
    `UPDATE series SET first_seen_ms = ?, last_seen_ms = ?, kept = ?, total = ?, latest = ?
     WHERE id = ?`,
  ),
  /** Apart from \`update\`, as the next: a column that is named there costs its index, changed or not. */
  updateOldest: db.prepare<[number, number]>('UPDATE series SET oldest_ms = ? WHERE id = ?'),
  updateRank: db.prepare<[number, number, number]>(
    'UPDATE series SET interest = ?, rank_ms = ? WHERE id = ?',
  ),
  /** Writes only what differs: what SQLite compares costs less than a page that it writes. */
  updateStory: db.prepare<[{ id: number; identity: string; context: string | null }]>(
    `UPDATE series_story SET identity = @identity, context = ifnull(@context, context)
     WHERE series_id = @id
       AND (identity <> @identity OR context IS NOT ifnull(@context, context))`,
  ),
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
    'SELECT id, key, kept FROM series WHERE interest = ? ORDER BY rank_ms, id LIMIT ?',
  ),
  forgetObservations: db.prepare<[number]>('DELETE FROM observation WHERE series_id = ?'),
  forgetFinding: db.prepare<[string]>('DELETE FROM finding WHERE series_key = ?'),
  forgetStory: db.prepare<[number]>('DELETE FROM series_story WHERE series_id = ?'),
  forget: db.prepare<[number]>('DELETE FROM series WHERE id = ?'),
  interest: db.prepare<[string], number>('SELECT interest FROM series WHERE key = ?').pluck(),
  mark: db.prepare<[number, string]>(
    'UPDATE series SET interest = iif(?, 2, total > 2) WHERE key = ?',
  ),
  keys: db.prepare<[], string>('SELECT key FROM series ORDER BY last_seen_ms DESC').pluck(),
  oldest: db.prepare<[], number | null>('SELECT min(oldest_ms) FROM series').pluck(),
})

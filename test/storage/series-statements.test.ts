import Database from 'better-sqlite3'
import t from 'tap'
import { migrate } from '../../storage/migrate.ts'
import { prepareSeries } from '../../storage/series-statements.ts'

t.test('what runs for a batch finds its rows by an index', async (t) => {
  const db = new Database(':memory:')
  migrate(db)
  const { keys, countNewcomers, ...statements } = prepareSeries(db)
  for (const [name, { source }] of Object.entries(statements)) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${source.replaceAll(/@\w+|\?/g, '1')}`).all()
    t.notMatch(JSON.stringify(plan), /SCAN (?!CONSTANT)|TEMP B-TREE/, name)
  }
  const count = db.prepare(`EXPLAIN QUERY PLAN ${countNewcomers.source}`).all()
  t.match(count, [{ detail: /SEARCH series USING COVERING INDEX series_by_interest/ }], 'newcomers')
  t.match(keys.source, /ORDER BY rank_ms DESC/)
})

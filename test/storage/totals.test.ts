import Database from 'better-sqlite3'
import t from 'tap'
import { migrate } from '../../storage/migrate.ts'
import { Totals } from '../../storage/totals.ts'

t.test('totals are what was saved, also to the next who reads', async (t) => {
  const db = new Database(':memory:')
  migrate(db)
  const totals = new Totals(db)
  totals.counts.events = 5
  totals.counts.evictedAlerts = 2
  t.equal(new Totals(db).counts.events, 0, 'not before they are saved')
  totals.save()
  t.match(new Totals(db).counts, { events: 5, evictedAlerts: 2, series: 0 })
  totals.counts.events = 9
  totals.reload()
  t.equal(totals.counts.events, 5)
})

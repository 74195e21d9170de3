import Database from 'better-sqlite3'
import t from 'tap'
import { migrate } from '../../storage/migrate.ts'
import { RecentSeries } from '../../storage/recent-series.ts'
import { evictor, INTEREST } from '../../storage/series-eviction.ts'
import { prepareSeries } from '../../storage/series-statements.ts'
import { Totals } from '../../storage/totals.ts'
import { observed } from '../support/store.ts'

/** Series of these interests, each seen later than the one before. */
function setUp(interests: readonly number[], maxSeries: number) {
  const db = new Database(':memory:')
  migrate(db)
  const statements = prepareSeries(db)
  const totals = new Totals(db)
  const recent = new RecentSeries()
  interests.forEach((interest, i) => {
    const { identity } = observed(`s${i}`, i)
    statements.insert.run(identity.key, i, i, i, JSON.stringify(identity), null)
    statements.mark.run(interest, identity.key)
    const row = statements.find.get(identity.key)
    const live = { kept: 0, last_seen_ms: i, told_ms: undefined }
    if (row !== undefined) recent.put({ ...row, ...live }, identity)
    totals.counts.series += 1
  })
  return { ...evictor(statements, totals, recent, maxSeries), statements, totals, recent }
}
const { newcomer, repeated, recurring } = INTEREST

t.test(
  'the repeated go before the newcomers of the reserved share, the recurring last',
  async (t) => {
    const { evict, statements, recent } = setUp(
      [recurring, newcomer, repeated, newcomer, repeated],
      8,
    )
    const left = () => statements.keys.all().toReversed()
    t.equal(evict(1), 1)
    t.strictSame(left(), ['s0', 's2', 's3', 's4'], 'one newcomer is the share of eight')
    t.equal(recent.row('s1'), undefined, 'nor is it remembered')
    evict(2)
    t.strictSame(left(), ['s0', 's3'])
    t.equal(evict(9), 2)
  },
)

t.test('only what is over the bound goes', async (t) => {
  const { evictOver, totals } = setUp([repeated, repeated, repeated], 2)
  evictOver()
  t.equal(totals.counts.series, 2)
  evictOver()
  t.strictSame([totals.counts.series, totals.counts.evictedSeries], [2, 1])
})

import t from 'tap'
import { RecentSeries } from '../../storage/recent-series.ts'
import { observed } from '../support/store.ts'

const row = (id: number) => ({
  ...{ id, first_seen_ms: 1, oldest_ms: 1, last_seen_ms: 1, kept: 1, dropped: 0 },
  ...{ interest: 0, rank_ms: 1, told_ms: undefined, identity: '{}', context: null },
})
const { identity } = observed('a', 1)

t.test('what was put is known, and is told until it differs', async (t) => {
  const recent = new RecentSeries()
  t.equal(recent.isTold(identity), false)
  recent.put(row(7), identity)
  t.equal(recent.row('a')?.id, 7)
  t.equal(recent.isTold({ ...identity }), true)
  t.equal(recent.isTold({ ...identity, destinationIp: '203.0.113.8' }), false)
  recent.put(row(7), identity)
  t.equal(recent.isTold(identity), true)
})

t.test('it is bounded, forgets one, and forgets all', async (t) => {
  const recent = new RecentSeries()
  for (let i = 0; i < 5_000; i++) recent.put(row(i), { ...identity, key: `${i}` })
  t.equal(recent.row('0'), undefined)
  t.ok(recent.row('4999'))
  recent.forget('4999')
  t.equal(recent.row('4999'), undefined)
  recent.clear()
  t.equal(recent.row('4998'), undefined)
})

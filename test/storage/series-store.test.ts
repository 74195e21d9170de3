import Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import { migrate } from '../../storage/migrate.ts'
import { SeriesStore } from '../../storage/series-store.ts'
import { Totals } from '../../storage/totals.ts'
import { holds } from '../support/holds.ts'
import { observed } from '../support/store.ts'

function seriesOf(maxSeries: number, maxObservations = 100) {
  const db = new Database(':memory:')
  migrate(db)
  const totals = new Totals(db)
  return { store: new SeriesStore(db, totals, { maxSeries, maxObservations }), totals, db }
}

t.test('a series is what was observed, oldest first', async (t) => {
  const { store } = seriesOf(10)
  store.observe([
    observed('a', 300),
    observed('a', 100, { sentBytes: 7, context: '"old"', latest: '1' }),
  ])
  store.observe([
    observed('a', 400, { latest: '2' }),
    observed('a', 200, { receivedBytes: 9, context: '"new"', latest: '3' }),
  ])
  t.strictSame(store.get('a'), {
    identity: observed('a', 0).identity,
    observations: [
      { atMs: 100, sentBytes: 7, connections: 1 },
      { atMs: 200, receivedBytes: 9, connections: 1 },
      { atMs: 300, connections: 1 },
      { atMs: 400, connections: 1 },
    ],
    firstSeenMs: 100,
    totalObservations: 4,
    isRecurring: false,
    context: '"new"',
    latest: '2',
  })
  t.equal(store.get('b'), undefined)
})

t.test('an observation of a known instant is the same one, better known', async (t) => {
  const { store, totals } = seriesOf(10)
  store.observe([observed('a', 100)])
  store.observe([observed('a', 100, { sentBytes: 5_000, connections: 3 })])
  t.strictSame(store.get('a')?.observations, [{ atMs: 100, sentBytes: 5_000, connections: 3 }])
  t.equal(store.get('a')?.totalObservations, 1)
  t.equal(totals.counts.observations, 1)
})

t.test('a full series keeps the newest, and late word of a dropped one is dropped', async (t) => {
  const { store, totals } = seriesOf(10, 3)
  store.observe([1, 2, 3, 4, 5].map((atMs) => observed('a', atMs)))
  store.observe([observed('a', 2, { sentBytes: 9 })])
  const { observations = [], firstSeenMs, totalObservations } = store.get('a') ?? {}
  t.strictSame(
    observations.map(({ atMs }) => atMs),
    [3, 4, 5],
  )
  t.strictSame({ firstSeenMs, totalObservations }, { firstSeenMs: 1, totalObservations: 5 })
  t.strictSame([store.oldestMs(), totals.counts.newestMs], [3, 5])
})

t.test('of the transfers only the latest is kept, also as it is better known', async (t) => {
  const { store, db } = seriesOf(10)
  for (const atMs of [1, 2, 3]) store.observe([observed('a', atMs, { latest: `${atMs}` })])
  store.observe([observed('a', 3, { sentBytes: 5, latest: '3 and 5 bytes' })])
  t.equal(store.get('a')?.latest, '3 and 5 bytes')
  store.observe([observed('a', 3, { sentBytes: 6 })])
  t.equal(store.get('a')?.latest, '3 and 5 bytes', 'nothing said leaves it as it is')
  const told = 'SELECT at_ms FROM observation WHERE latest IS NOT NULL'
  t.strictSame(db.prepare(told).pluck().all(), [3])
})

t.test('what is counted does not depend on what is remembered', async (t) => {
  const { store } = seriesOf(10, 3)
  for (let atMs = 1; atMs <= 5; atMs++) {
    store.observe([observed('a', atMs, { latest: `${atMs}` })])
    store.rolledBack()
  }
  t.match(store.get('a'), { totalObservations: 5, firstSeenMs: 1, latest: '5' })
  t.equal(store.total('a'), 5)
  store.observe([observed('a', 6)])
  t.equal(store.total('a'), 6, 'nor is what is remembered')
})

t.test('a fraction of a millisecond is rounded', async (t) => {
  const { store } = seriesOf(10)
  store.observe([observed('a', 1.4)])
  t.strictSame(store.get('a')?.observations, [{ atMs: 1, connections: 1 }])
})

t.test('the latest address of a destination is kept', async (t) => {
  const { store } = seriesOf(10)
  const first = observed('a', 1)
  store.observe([first])
  store.observe([{ ...first, identity: { ...first.identity, destinationIp: '203.0.113.99' } }])
  t.match(store.get('a'), { identity: { destinationIp: '203.0.113.99' } })
})

t.test('keys come most recently observed first', async (t) => {
  const { store } = seriesOf(10)
  store.observe([observed('a', 5), observed('b', 9), observed('c', 1)])
  t.strictSame(store.keys(), ['b', 'a', 'c'])
})

t.test('a flood of unique destinations evicts its own, not what repeats or recurs', async (t) => {
  const { store, totals } = seriesOf(80)
  const beats = (key: string, n: number) => Array.from({ length: n }, (_, i) => observed(key, i))
  store.observe([...beats('recurs', 2), ...beats('repeats', 3)])
  store.markRecurring('recurs', true)
  for (let i = 0; i < 500; i++) {
    store.observe([observed(`once-${i}`, 1_000 + i)])
    store.evictOver()
    if (totals.counts.series > 80) t.fail('it is over the bound')
  }
  t.ok(store.get('recurs'))
  t.ok(store.get('repeats'))
  t.ok(store.get('once-499'), 'the newest of the flood are still there')
  t.equal(totals.counts.series, store.keys().length)
  t.equal(totals.counts.evictedSeries, 502 - totals.counts.series)
})

t.test('a full store of repeated series still lets a newcomer grow', async (t) => {
  const { store } = seriesOf(16)
  for (let i = 0; i < 16; i++) {
    store.observe([1, 2, 3].map((beat) => observed(`old-${i}`, i * 10 + beat)))
  }
  for (const atMs of [1_000, 2_000, 3_000]) {
    store.observe([observed('new-beacon', atMs), observed(`passing-${atMs}`, atMs - 1)])
    store.evictOver()
  }
  t.equal(store.get('new-beacon')?.totalObservations, 3)
  t.equal(store.get('old-0'), undefined, 'the one not seen for longest made room')
})

t.test('what is evicted is gone whole', async (t) => {
  const { store, db } = seriesOf(1)
  store.observe([observed('a', 1), observed('b', 2)])
  store.evictOver()
  t.equal(store.get('a'), undefined)
  t.equal(db.prepare('SELECT count(*) FROM observation').pluck().get(), 1)
})

t.test('properties', async (t) => {
  const beats = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(40)), { maxLength: 60 })
  const batches = fc.array(beats, { maxLength: 6 })
  const newest = fc.property(batches, fc.integer({ min: 1, max: 12 }), (given, max) => {
    const { store, totals, db } = seriesOf(10, max)
    for (const batch of given) store.observe(batch.map(([key, atMs]) => observed(key, atMs)))
    const rows = db.prepare('SELECT count(*) FROM observation').pluck().get()
    return ['a', 'b', 'c'].every((key) => {
      const all = given.flat().filter(([of]) => of === key)
      const kept = store.get(key)?.observations.map(({ atMs }) => atMs) ?? []
      const wanted = [...new Set(all.map(([, atMs]) => atMs))].sort((x, y) => x - y)
      const isNewest = JSON.stringify(kept) === JSON.stringify(wanted.slice(-max))
      return isNewest && rows === totals.counts.observations
    })
  })
  holds(t, 'a series holds the newest instants, in whatever batches they came', newest)
})

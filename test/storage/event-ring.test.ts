import Database from 'better-sqlite3'
import fc from 'fast-check'
import t from 'tap'
import { EventRing, encodeEvents } from '../../storage/event-ring.ts'
import { migrate } from '../../storage/migrate.ts'
import { Totals } from '../../storage/totals.ts'
import { holds } from '../support/holds.ts'
import { connected } from '../support/store.ts'

function ringOf(maxBytes: number) {
  const db = new Database(':memory:')
  migrate(db)
  const totals = new Totals(db)
  return { ring: new EventRing(db, totals, maxBytes), counts: totals.counts }
}

t.test('gives back what it was given, in order and between two times', async (t) => {
  const { ring, counts } = ringOf(1e6)
  const events = Array.from({ length: 2_500 }, (_, i) => connected(i * 10, i))
  ring.append(encodeEvents(events.slice(0, 7)))
  ring.append(encodeEvents(events.slice(7)))
  t.strictSame([...ring.events(0, 25_000)], events)
  t.strictSame([...ring.events(100, 120)], events.slice(10, 12))
  t.strictSame(ring.span(), { oldestEventMs: 0, newestEventMs: 24_990 })
  t.equal(counts.events, 2_500)
  t.ok(counts.eventBytes < 2_500 * 100, 'and compressed')
})

t.test('an empty ring has no span', async (t) => {
  t.strictSame(ringOf(1e6).ring.span(), {})
})

t.test('may be written to while it is read', async (t) => {
  const { ring } = ringOf(1e6)
  ring.append(encodeEvents([connected(1), connected(2)]))
  const seen = []
  for (const event of ring.events(0, 10)) {
    seen.push(event.atMs)
    ring.append(encodeEvents([connected(5)]))
  }
  t.strictSame(seen, [1, 2])
})

t.test('properties', async (t) => {
  const batches = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 })
  const newest = fc.property(batches, fc.integer({ min: 0, max: 20_000 }), (sizes, maxBytes) => {
    const { ring, counts } = ringOf(maxBytes)
    let atMs = 0
    for (const size of sizes) {
      ring.append(encodeEvents(Array.from({ length: size }, () => connected(atMs++))))
      if (counts.eventBytes > maxBytes) return false
    }
    const kept = [...ring.events(0, 1e9)].map((event) => event.atMs)
    const isSuffix = kept.every((at, i) => at === atMs - kept.length + i)
    return isSuffix && kept.length === counts.events && counts.evictedEvents === atMs - kept.length
  })
  holds(t, 'it keeps the newest within its bound, and counts the rest', newest)
})

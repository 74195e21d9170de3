import Database from 'better-sqlite3'
import t from 'tap'
import { migrate } from '../../storage/migrate.ts'
import { Outbox } from '../../storage/outbox.ts'
import { Totals } from '../../storage/totals.ts'
import { alerted } from '../support/store.ts'

function outboxOf(maxAlerts = 100) {
  const db = new Database(':memory:')
  migrate(db)
  const totals = new Totals(db)
  return { outbox: new Outbox(db, totals, maxAlerts), counts: totals.counts }
}
const waiting = (outbox: Outbox) =>
  outbox.unsent(100).map(({ id, revision }) => `${id}.${revision}`)

t.test('an alert waits until its revision was taken', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('b', 20), alerted('a', 10)])
  t.strictSame(waiting(outbox), ['a.1', 'b.1'], 'oldest update first')
  outbox.markSent([{ id: 'a', revision: 1 }])
  t.strictSame(waiting(outbox), ['b.1'])
  t.match(outbox.get('a'), { ...alerted('a', 10), revision: 1, sentRevision: 1 })
  t.strictSame(outbox.counts(), { waiting: 1, sent: 1, rejected: 0 })
})

t.test('an episode that merely goes on is kept, and not sent', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  outbox.markSent([{ id: 'a', revision: 1 }])
  outbox.put([alerted('a', 30, { send: false, createdMs: 10, document: '{"beats":9}' })])
  t.strictSame(waiting(outbox), [])
  t.match(outbox.get('a'), { createdMs: 10, updatedMs: 30, document: '{"beats":9}', revision: 1 })
  outbox.put([alerted('a', 40)])
  t.strictSame(waiting(outbox), ['a.2'])
})

t.test('an update that is not to be sent does not recall one that is', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  outbox.put([alerted('a', 20, { send: false })])
  t.strictSame(waiting(outbox), ['a.1'])
})

t.test('the answer to one revision never settles the next', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10), alerted('b', 11)])
  outbox.put([alerted('a', 20), alerted('b', 21)])
  outbox.markSent([{ id: 'a', revision: 1 }])
  outbox.markRejected([{ id: 'b', revision: 1, reason: 'no' }])
  t.strictSame(waiting(outbox), ['a.2', 'b.2'])
})

t.test('a refused one keeps its reason, and its next revision is tried', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  outbox.markRejected([{ id: 'a', revision: 1, reason: 'field [x] is no date' }])
  t.strictSame(waiting(outbox), [])
  t.match(outbox.get('a'), { rejected: 'field [x] is no date', sentRevision: 0 })
  t.strictSame(outbox.counts(), { waiting: 0, sent: 0, rejected: 1 })
  outbox.put([alerted('a', 20)])
  t.strictSame(waiting(outbox), ['a.2'])
  outbox.markSent([{ id: 'a', revision: 2 }])
  t.equal(outbox.get('a')?.rejected, undefined)
})

t.test('a word about what was never asked changes nothing', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  outbox.markSent([
    { id: 'a', revision: 7 },
    { id: 'other', revision: 1 },
  ])
  t.strictSame(waiting(outbox), ['a.1'])
  outbox.markSent([{ id: 'a', revision: 1 }])
  outbox.markRejected([{ id: 'a', revision: 1, reason: 'late' }])
  t.equal(outbox.get('a')?.rejected, undefined, 'nor does a refusal of what was taken')
})

t.test('the settled go before the waiting, the oldest first, and are counted', async (t) => {
  const { outbox, counts } = outboxOf(3)
  outbox.put([alerted('old', 1), alerted('sent-1', 10), alerted('sent-2', 20)])
  outbox.markSent(['sent-1', 'sent-2'].map((id) => ({ id, revision: 1 })))
  outbox.put([alerted('new', 30)])
  t.strictSame(
    outbox.newest(9).map(({ id }) => id),
    ['new', 'sent-2', 'old'],
  )
  outbox.put([alerted('newer', 40), alerted('newest', 50)])
  t.strictSame(
    outbox.newest(9).map(({ id }) => id),
    ['newest', 'newer', 'new'],
  )
  t.equal(counts.evictedAlerts, 3)
})

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
  const outbox = new Outbox(db, totals, maxAlerts)
  return {
    outbox,
    counts: totals.counts,
    deliveries: () => db.prepare('SELECT count(*) FROM delivery').pluck().get(),
  }
}
const refused = (id: string, revision: number) => ({ id, revision, reason: 'no', document: '{}' })
const waiting = (outbox: Outbox, output = 'main') =>
  outbox.unsent(output, 100).map(({ id, revision }) => `${id}.${revision}`)

t.test('an alert waits until its revision was taken', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('b', 20), alerted('a', 10)])
  t.strictSame(waiting(outbox), ['a.1', 'b.1'], 'oldest update first')
  outbox.markSent('main', [{ id: 'a', revision: 1 }])
  t.strictSame(waiting(outbox), ['b.1'])
  t.match(outbox.get('a'), { ...alerted('a', 10), revision: 1, sentRevision: 1 })
  t.strictSame(outbox.counts(), { waiting: 1, sent: 1 })
})

t.test('an episode that merely goes on is kept, and not sent', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  outbox.markSent('main', [{ id: 'a', revision: 1 }])
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
  outbox.markSent('main', [{ id: 'a', revision: 1 }])
  outbox.settleRejected('main', [refused('b', 1)])
  t.strictSame(waiting(outbox), ['a.2', 'b.2'])
})

t.test('a refused one waits no longer, and its next revision is tried', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  t.strictSame(outbox.settleRejected('main', [refused('a', 1)]), [refused('a', 1)])
  t.strictSame(outbox.settleRejected('main', [refused('a', 1)]), [], 'is no news again')
  t.strictSame(waiting(outbox), [])
  t.match(outbox.get('a'), { sentRevision: 0 })
  t.strictSame(outbox.counts(), { waiting: 0, sent: 0 })
  outbox.put([alerted('a', 20)])
  t.strictSame(waiting(outbox), ['a.2'])
  outbox.markSent('main', [{ id: 'a', revision: 2 }])
  t.strictSame(waiting(outbox), [])
})

t.test('each output has its own word on an alert', async (t) => {
  const { outbox } = outboxOf()
  outbox.setOutputs(['soc', 'archive'])
  outbox.put([alerted('a', 10), alerted('b', 20)])
  outbox.markSent('soc', [{ id: 'a', revision: 1 }])
  t.strictSame(waiting(outbox, 'soc'), ['b.1'])
  t.strictSame(waiting(outbox, 'archive'), ['a.1', 'b.1'])
  t.match(outbox.get('a'), { sentRevision: 0 }, 'not all have it')
  outbox.settleRejected('archive', [refused('a', 1)])
  t.strictSame(outbox.counts(), { waiting: 1, sent: 0 })
  outbox.put([alerted('a', 30)])
  for (const output of ['soc', 'archive']) {
    t.ok(waiting(outbox, output).includes('a.2'), output)
    outbox.markSent(output, [{ id: 'a', revision: 2 }])
  }
  t.match(outbox.get('a'), { sentRevision: 2 })
})

t.test('a new output wants what is stored, one that comes back only what it lacks', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10), alerted('b', 20)])
  outbox.markSent('main', [{ id: 'a', revision: 1 }])
  outbox.setOutputs(['soc'])
  t.strictSame(waiting(outbox, 'soc'), ['a.1', 'b.1'])
  outbox.markSent(
    'soc',
    waiting(outbox, 'soc').map((it) => ({ id: it.slice(0, 1), revision: 1 })),
  )
  t.strictSame(outbox.counts(), { waiting: 0, sent: 2 })
  outbox.setOutputs(['main', 'soc'])
  t.strictSame(waiting(outbox), ['b.1'])
  t.strictSame(outbox.counts(), { waiting: 1, sent: 1 })
  outbox.setOutputs([])
  t.strictSame(outbox.counts(), { waiting: 2, sent: 0 }, 'for the output that will come')
})

t.test('a word about what was never asked changes nothing', async (t) => {
  const { outbox } = outboxOf()
  outbox.put([alerted('a', 10)])
  outbox.markSent('main', [
    { id: 'a', revision: 7 },
    { id: 'other', revision: 1 },
  ])
  t.strictSame(waiting(outbox), ['a.1'])
  outbox.markSent('main', [{ id: 'a', revision: 1 }])
  t.strictSame(outbox.settleRejected('main', [refused('a', 1)]), [], 'nor does a late refusal')
  t.strictSame(outbox.settleRejected('main', [refused('a', 7)]), [])
  t.match(outbox.get('a'), { sentRevision: 1 })
  t.equal(outbox.settleRejected('main', [refused('health', 0)]).length, 1, 'it is no alert')
})

t.test('the settled go before the waiting, the oldest first, and are counted', async (t) => {
  const { outbox, counts, deliveries } = outboxOf(3)
  outbox.put([alerted('old', 1), alerted('sent-1', 10), alerted('sent-2', 20)])
  outbox.markSent(
    'main',
    ['sent-1', 'sent-2'].map((id) => ({ id, revision: 1 })),
  )
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
  t.equal(deliveries(), 0, 'and take along what was said of them')
})

import Database from 'better-sqlite3'
import t from 'tap'
import type { Schedule } from '../../platform/event.ts'
import { Facts } from '../../storage/facts.ts'
import { migrate } from '../../storage/migrate.ts'
import { found } from '../support/store.ts'

function factsOf(): Facts {
  const db = new Database(':memory:')
  migrate(db)
  return new Facts(db)
}
const job = (id: string, trigger = '* * * * *'): Schedule => ({
  id,
  scheduler: 'cron',
  trigger,
  command: '/opt/backup.sh',
  timing: { kind: 'calendar', patterns: ['0 * * * * *'] },
})

t.test('findings are the latest word, the recurring ones by risk', async (t) => {
  const facts = factsOf()
  facts.putFinding(found('a', { risk: 10 }))
  facts.putFinding(found('b', { risk: 90, disposition: 'allowed' }))
  facts.putFinding(found('c', { verdict: 'irregular', risk: 99 }))
  facts.putFinding(found('a', { risk: 20, disposition: 'known' }))
  t.strictSame(facts.findings(9), [
    found('b', { risk: 90, disposition: 'allowed' }),
    found('a', { risk: 20, disposition: 'known' }),
  ])
  t.strictSame(facts.findings(1).length, 1)
  t.match(facts.finding('c'), { verdict: 'irregular' })
  t.equal(facts.finding('z'), undefined)
  t.strictSame(facts.findingCounts(), { recurring: 2, known: 1, allowed: 1 })
})

t.test('jobs are as they are now', async (t) => {
  const facts = factsOf()
  facts.putSchedules([job('b'), job('a')], [])
  facts.putSchedules([job('a', '@daily')], ['b', 'unknown'])
  t.strictSame(facts.schedules(), [job('a', '@daily')])
})

t.test('a host that makes jobs without end fills its share, and no more', async (t) => {
  const facts = factsOf()
  facts.putSchedules([job('first')], [])
  facts.putSchedules(
    Array.from({ length: 10_000 }, (_, i) => job(`job-${i}`)),
    [],
  )
  t.equal(facts.schedules().length, 10_000)
  t.notOk(
    facts.schedules().some(({ id }) => id === 'first'),
    'the longest unchanged went',
  )
})

t.test('bookmarks and notes are replaced by name', async (t) => {
  const facts = factsOf()
  t.equal(facts.bookmark('linux.audit'), undefined)
  facts.putBookmark('linux.audit', '1')
  facts.putBookmark('linux.audit', '2')
  facts.putNote('stop', 'killed')
  t.equal(facts.bookmark('linux.audit'), '2')
  t.equal(facts.note('stop'), 'killed')
  t.equal(facts.note('start'), undefined)
})

import t from 'tap'
import {
  type Budget,
  budgetAt,
  budgetOf,
  budgetSummary,
  mayTell,
  spend,
} from '../../../agent/alert/budget.ts'
import { decideAlert } from '../../../agent/alert/episode.ts'
import type { AlertRecord } from '../../../storage/alert.ts'
import { finding, host, START_MS } from '../../support/findings.ts'

const HOUR_MS = 3_600_000

/** Thirty series alert within one hour. */
function storm(maxPerHour: number): {
  readonly budget: Budget
  readonly records: readonly AlertRecord[]
} {
  let budget = budgetAt(undefined, START_MS)
  const records: AlertRecord[] = []
  for (let i = 0; i < 30; i++) {
    const options = {
      updateIntervalMs: HOUR_MS,
      endAfterPeriods: 6,
      mayTell: mayTell(budget, maxPerHour),
    }
    const one = { ...finding, identity: { ...finding.identity, key: `series-${i}` } }
    const decision = decideAlert(undefined, one, START_MS + i, options)
    if (decision === undefined) continue
    budget = spend(budget, decision.outcome)
    records.push(decision.record)
  }
  return { budget, records }
}

t.test('a storm sends what the budget allows, and keeps and counts the rest', async (t) => {
  const { budget, records } = storm(20)
  t.equal(records.length, 30, 'nothing is lost')
  t.equal(records.filter(({ send }) => send).length, 20)
  t.match(budget, { told: 20, held: 10 })
})

t.test('a restart knows what this hour has spent', async (t) => {
  const { budget, records } = storm(20)
  t.strictSame(budgetOf(records, START_MS + 60_000), budget)
  t.match(budgetOf(records, START_MS + HOUR_MS), { told: 0, held: 0 })
})

t.test('a new hour begins with nothing spent', async (t) => {
  const { budget } = storm(20)
  t.equal(budgetAt(budget, START_MS + HOUR_MS - 1), budget)
  t.match(budgetAt(budget, START_MS + HOUR_MS), { told: 0, held: 0 })
})

t.test('one summary an hour, under one id while it counts', async (t) => {
  const { budget } = storm(20)
  const summary = budgetSummary(budget, host, START_MS + 60_000)
  t.match(summary, { send: true, seriesKey: 'tidewatch:budget' })
  t.match(JSON.parse(summary?.document ?? ''), {
    message: /^10 new alerts waited/,
    tidewatch: { budget: { held: 10 } },
  })
  const later = budgetSummary({ ...budget, held: 11 }, host, START_MS + 120_000)
  t.equal(later?.id, summary?.id)
  t.not(
    budgetSummary({ ...budget, hourMs: budget.hourMs + HOUR_MS }, host, START_MS)?.id,
    summary?.id,
  )
  t.equal(budgetSummary({ ...budget, held: 0 }, host, START_MS), undefined)
})

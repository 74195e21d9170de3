import fc from 'fast-check'
import t from 'tap'
import { decideAlert } from '../../../agent/alert/episode.ts'
import { stateOf } from '../../../agent/alert/state.ts'
import { finding, START_MS } from '../../support/findings.ts'
import { holds } from '../../support/holds.ts'

const options = { updateIntervalMs: 1, endAfterPeriods: 6, mayTell: true }
const decision = decideAlert(undefined, finding, START_MS, options)
const record = { id: 'i', seriesKey: 's', createdMs: 1, updatedMs: 2, send: true }

t.test('reads back what was written', async (t) => {
  t.strictSame(decision && stateOf(decision.record), decision?.state)
  t.match(decision?.state, { seriesKey: finding.identity.key, told: { risk: 82 } })
})

t.test('a damaged document is no state', async (t) => {
  for (const document of [
    '',
    'null',
    '[]',
    '{"tidewatch":null}',
    '{"tidewatch":{"episode":{}}}',
    decision?.record.document.slice(0, -9) ?? '',
  ]) {
    t.equal(stateOf({ ...record, document }), undefined, document.slice(0, 40))
  }
})

t.test('properties', async (t) => {
  const total = fc.property(
    fc.oneof(fc.string(), fc.json()),
    (document) => stateOf({ ...record, document }) === undefined,
  )
  holds(t, 'never throws on a stranger', total)
})

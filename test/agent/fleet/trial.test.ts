import t from 'tap'
import type { AgentStatus } from '../../../agent/control/status.ts'
import { doubtsOf, illsOf, worsening } from '../../../agent/fleet/trial.ts'
import { aStatus } from '../../support/status.ts'

const collector = (dataset: string, state: 'starting' | 'running' | 'lost') => ({
  ...(aStatus.collectors[0] as AgentStatus['collectors'][number]),
  ...{ dataset, state, ...(state === 'lost' && { reason: 'gone' }) },
})
const output = (name: string, failuresInRow: number, lastAnswer?: string) => ({
  ...{ name, place: 'https://x/', failuresInRow, ...(lastAnswer && { lastAnswer }) },
})
const { problem: _, ...well } = aStatus
const statusOf = (
  collectors: AgentStatus['collectors'],
  outputs: AgentStatus['outputs'] = [],
): AgentStatus => ({ ...well, collectors, outputs })

t.test('what was ill before is no reason', async (t) => {
  const before = doubtsOf(statusOf([collector('a', 'lost'), collector('b', 'running')]))
  t.equal(worsening(before, illsOf(statusOf([collector('a', 'lost')]))), undefined)
  const now = illsOf(statusOf([collector('a', 'lost'), collector('b', 'lost')]))
  t.equal(worsening(before, now), 'b is lost: gone')
})

t.test('nor is what nobody could say before', async (t) => {
  const before = doubtsOf(statusOf([collector('a', 'starting')], [output('soc', 0)]))
  const now = illsOf(statusOf([collector('a', 'lost')], [output('soc', 5, 'refused')]))
  t.equal(worsening(before, now), undefined)
})

t.test('an output that answered, and does so no more, is', async (t) => {
  const before = doubtsOf(statusOf([], [output('soc', 0, '3 taken')]))
  t.equal(worsening(before, illsOf(statusOf([], [output('soc', 2, 'reset')]))), undefined)
  t.match(worsening(before, illsOf(statusOf([], [output('soc', 3, 'reset')]))), /soc .*: reset/)
})

t.test('an agent that does not run is, and a database that cannot grow', async (t) => {
  t.match(worsening(doubtsOf(well), illsOf(undefined)), /does not run/)
  t.match(worsening(doubtsOf(well), illsOf({ ...well, problem: 'disk full' })), /disk full/)
})

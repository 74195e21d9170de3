import t from 'tap'
import { exitCodeOf, failureLines } from '../../../agent/commands/exit-code.ts'
import { AgentError } from '../../../platform/errors.ts'

t.test('a wrong configuration has its own code', async (t) => {
  t.equal(exitCodeOf(new AgentError('ERR_CONFIG', 'x')), 78)
  t.equal(exitCodeOf(new AgentError('ERR_STORE', 'x')), 70)
})

t.test('the remedy stands behind what is wrong', async (t) => {
  t.equal(failureLines(new AgentError('E', 'a\nb', { remedy: 'do c' })), 'a\nb; do c')
  t.equal(failureLines(new AgentError('E', 'a')), 'a')
})

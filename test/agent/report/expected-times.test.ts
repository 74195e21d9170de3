import t from 'tap'
import { expectedTimes } from '../../../agent/report/expected-times.ts'
import { cronJob, minutely, START_MS } from '../../support/findings.ts'
import { aTold } from '../../support/told-finding.ts'

const MINUTE = 60_000

t.test('at the fire times of the job', async (t) => {
  const schedule = {
    ...cronJob,
    timing: { kind: 'calendar', patterns: ['0 */5 * * * *'] },
  } as const
  t.strictSame(
    expectedTimes(aTold({ schedule }), 'UTC').map((at) => (at - START_MS) / MINUTE),
    [0, 5, 10],
  )
})

t.test('else on the grid of its rhythm, back from the next beat', async (t) => {
  const times = expectedTimes(aTold(), 'UTC')
  t.strictSame(
    times,
    Array.from({ length: 12 }, (_, i) => START_MS + i * MINUTE),
  )
})

t.test('what sleeps keeps none, and neither does what was never seen', async (t) => {
  t.strictSame(expectedTimes(aTold({ periods: [{ ...minutely, model: 'sleep' }] }), 'UTC'), [])
  t.strictSame(expectedTimes(aTold({ observations: [] }), 'UTC'), [])
})

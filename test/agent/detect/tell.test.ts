import t from 'tap'
import { assess } from '../../../agent/detect/assess.ts'
import { observed, sleeping, ticking } from '../../support/series.ts'

const MINUTE = 60_000
const told = (times: readonly number[]) =>
  assess({ observations: observed(times), gaps: [], jobs: [], timeZone: 'UTC' })

t.test('two schedules in a series are both told', async (t) => {
  const nightly = ticking(10, 1440 * MINUTE, 1000).map((at) => at + 155 * MINUTE)
  const both = told([...ticking(240, 60 * MINUTE, 1000), ...nightly].sort((a, b) => a - b))
  t.equal(both.form, 'hourly, plus daily 02:35 UTC')
  t.strictSame(
    both.periods.map(({ model }) => model),
    ['clock', 'calendar'],
  )
})

t.test('a job that was edited is told by what it is now', async (t) => {
  const old = sleeping(80, 10 * MINUTE, 0.05)
  const last = old.at(-1) ?? 0
  const now = sleeping(60, 4 * MINUTE, 0.05).map(
    (at, _, [first = 0]) => at - first + last + 4 * MINUTE,
  )
  const edited = told([...old, ...now])
  t.match(
    edited.form,
    /^every (4 min|3 min 5\d s|4 min \d s) \(before: every (10 min|9 min 5\d s|10 min \d s)\)$/,
  )
  t.ok(Math.abs((edited.next?.atMs ?? 0) - (now.at(-1) ?? 0) - 4 * MINUTE) < MINUTE)
})

t.test('the late beats of a grid are no second schedule', async (t) => {
  const late = ticking(400, MINUTE, 800).map((at, i) => (i % 9 === 0 ? at + 7000 : at))
  t.equal(told(late).periods.length, 1)
})

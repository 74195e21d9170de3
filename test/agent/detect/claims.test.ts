import t from 'tap'
import { claimsOf, readSeries } from '../../../agent/detect/claims.ts'
import { observed, sleeping, ticking, viewed } from '../../support/series.ts'

t.test('a bursty series is read as runs and as connections', async (t) => {
  const times = sleeping(40, 600_000, 0.1).flatMap((at) => [at, at + 400, at + 1100])
  const { single, joined } = readSeries(observed(times), [], 'UTC')
  t.equal(single.runs.length, 120)
  t.equal(joined.runs.length, 40)
})

t.test('a plain one is read once', async (t) => {
  const { single, joined } = readSeries(observed(sleeping(40, 600_000, 0.1)), [], 'UTC')
  t.equal(single, joined)
})

t.test('every finder that finds something makes its claim', async (t) => {
  const models = claimsOf(viewed(ticking(200, 3_600_000, 1000)), []).map(
    ({ rhythm }) => rhythm.model,
  )
  t.strictSame(models, ['sleep', 'clock', 'calendar'])
  t.strictSame(claimsOf(viewed([1, 2]), []), [])
})

import t from 'tap'
import { reportHealth } from '../../agent/health-reports.ts'

async function waitsOf(intervalMs: number, draws: readonly number[]) {
  const stop = new AbortController()
  const told: (number | 'report')[] = []
  const left = [...draws]
  await reportHealth(
    {
      intervalMs,
      random: () => left.shift() ?? 0,
      sleep: async (ms) => {
        told.push(ms)
        if (left.length === 0) stop.abort()
      },
      report: () => void told.push('report'),
    },
    stop.signal,
  )
  return told
}

t.test('the first within a minute, then at the interval, a tenth more or less', async (t) => {
  const told = await waitsOf(300_000, [0.5, 0, 1, 0.5])
  t.strictSame(told, [30_000, 'report', 270_000, 'report', 330_000, 'report', 300_000])
})

t.test(
  'a short interval is the bound of the first wait; a stop ends it without a word',
  async (t) => {
    t.strictSame(await waitsOf(10_000, [1]), [10_000])
  },
)

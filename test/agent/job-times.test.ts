import t from 'tap'
import { jobTimes } from '../../agent/job-times.ts'
import type { Schedule, Timing } from '../../platform/event.ts'
import { fireTimes } from '../../platform/schedule-times.ts'

const START = 1_793_577_600_000
const HOUR = 3_600_000
const job = (timing?: Timing): Schedule => ({
  ...{ id: 'job', scheduler: 'cron', command: 'x' },
  ...(timing && { timing }),
})
const hourly: Timing = { kind: 'calendar', patterns: ['0 5 * * * *'] }

t.test('the times of a span are the same, whatever was asked before', async (t) => {
  const times = jobTimes('UTC')(job(hourly))
  for (const [from, to] of [
    [0, 10],
    [2, 5],
    [-20, 3],
    [4, 40],
    [9, 9],
  ] as const) {
    const span = [START + from * HOUR, START + to * HOUR] as const
    t.strictSame(
      times?.times(...span),
      fireTimes(hourly, ...span, 'UTC', 10_000),
      `${from} to ${to} h`,
    )
  }
})

t.test('what cannot be foretold has no times', async (t) => {
  t.equal(jobTimes('UTC')(job()), undefined)
  t.equal(jobTimes('UTC')(job({ kind: 'interval', everyMs: HOUR, since: 'start' })), undefined)
})

t.test('a job that is written and not loaded does not fire', async (t) => {
  t.equal(jobTimes('UTC')({ ...job(hourly), isLoaded: false }), undefined)
  t.ok(jobTimes('UTC')({ ...job(hourly), isLoaded: true }))
})

t.test('a job of every second is bounded, and still right where it reaches', async (t) => {
  const times = jobTimes('UTC')(job({ kind: 'calendar', patterns: ['* * * * * *'] }))
  t.ok((times?.times(START, START + 30 * 24 * HOUR).length ?? 0) <= 10_000)
  t.equal(times?.times(START + 20 * HOUR, START + 20 * HOUR + 5_000).length, 5)
})

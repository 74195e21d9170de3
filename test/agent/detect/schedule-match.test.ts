import t from 'tap'
import type { JobTimes } from '../../../agent/detect/assess.ts'
import { scheduleRhythm } from '../../../agent/detect/schedule-match.ts'
import { MONDAY, scattered, viewed } from '../../support/series.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE

function job(periodMs: number, id = 'backup'): JobTimes {
  return {
    schedule: { id, scheduler: 'cron', trigger: 'x', command: '/opt/backup.sh' },
    times(fromMs, toMs) {
      const first = Math.ceil((fromMs - MONDAY) / periodMs)
      const count = Math.max(0, Math.ceil((toMs - MONDAY) / periodMs) - first)
      return Array.from({ length: count }, (_, i) => MONDAY + (first + i) * periodMs)
    },
  }
}

t.test('three runs of a daily job confirm it, and foretell the next', async (t) => {
  const runs = [0, 1, 2].map((day) => MONDAY + day * DAY + 2000 + day * 900)
  const found = scheduleRhythm(viewed(runs), [job(DAY)])
  t.match(found, {
    schedule: { id: 'backup' },
    beats: 3,
    share: 1,
  })
  t.ok((found?.nats ?? 0) > 8)
  t.ok(Math.abs((found?.next.atMs ?? 0) - MONDAY - 3 * DAY) < 10_000)
})

t.test('a job that runs each minute explains nothing', async (t) => {
  t.ok((scheduleRhythm(viewed(scattered(20, DAY / 10)), [job(MINUTE)])?.nats ?? 0) < 3)
})

t.test('a job that does not explain the times adds nothing', async (t) => {
  t.ok(
    (scheduleRhythm(viewed(scattered(50, DAY / 10)), [job(DAY), job(60 * MINUTE)])?.nats ?? 0) < 4,
  )
})

t.test('the job that explains them is the one that is named', async (t) => {
  const runs = [0, 1, 2, 3].map((hour) => MONDAY + hour * 60 * MINUTE + 3000)
  t.match(scheduleRhythm(viewed(runs), [job(DAY, 'other'), job(60 * MINUTE, 'sync')]), {
    schedule: { id: 'sync' },
  })
})

t.test('all of a brief series behind one fire time is one coincidence, not many', async (t) => {
  const runs = Array.from({ length: 20 }, (_, i) => MONDAY + 5 * MINUTE + i * 10_000)
  t.equal(scheduleRhythm(viewed(runs), [job(60 * MINUTE)]), undefined)
})

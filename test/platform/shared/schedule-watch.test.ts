import t from 'tap'
import { zeroCounters } from '../../../platform/collector.ts'
import type { Schedule } from '../../../platform/event.ts'
import { scheduleWatch } from '../../../platform/shared/schedule-watch.ts'

const job = (id: string, file = `/jobs/${id}`): Schedule => ({
  ...{ id, scheduler: 'cron', command: id, file },
})
const look = (jobs: readonly Schedule[], unreadable: string[] = [], malformed: string[] = []) => ({
  schedules: new Map(jobs.map((one) => [one.id, one])),
  ...{ unreadable, malformed },
})
function watching(known: readonly Schedule[] = []) {
  const counters = zeroCounters()
  const remedies = { unreadable: 'run as root', malformed: 'correct it' }
  const watch = scheduleWatch({ dataset: 'test', counters, known, remedies })
  const told = (now: ReturnType<typeof look>) =>
    watch.changesOf(now, 1).map(({ change, schedule }) => `${change} ${schedule.id}`)
  return { watch, counters, told }
}

t.test('jobs are found at first, and told again only when they change', async (t) => {
  const { counters, told } = watching()
  t.strictSame(told(look([job('a')])), ['found a'])
  t.strictSame(told(look([job('a'), job('b')])), ['creation b'])
  t.strictSame(told(look([job('b')])), ['deletion a'])
  t.match(counters, { received: 3, emitted: 3 })
})

t.test('what changed while nobody looked is told as a change', async (t) => {
  t.strictSame(watching([job('a')]).told(look([job('b')])), ['creation b', 'deletion a'])
})

t.test('what lies in a place that may not be read is not gone, nor new afterwards', async (t) => {
  const { watch, told } = watching()
  told(look([job('a')]))
  t.strictSame(told(look([], ['/jobs'])), [])
  t.ok(watch.has('a'))
  t.equal(watch.complaint(), '/jobs: run as root')
  t.strictSame(told(look([job('a')])), [])
  t.equal(watch.complaint(), undefined)
})

t.test('a definition that is none is counted once, and complained of', async (t) => {
  const { watch, counters, told } = watching()
  for (let i = 0; i < 3; i++) told(look([], [], ['/jobs/x:1', '/jobs/y:2']))
  t.match(counters, { received: 2, malformed: 2 })
  t.equal(watch.complaint(), '/jobs/x:1 (and 1 more): correct it')
})

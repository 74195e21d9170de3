import t from 'tap'
import type { Schedule } from '../../../platform/event.ts'
import { scheduleChanges } from '../../../platform/shared/schedule-changes.ts'

const job = (id: string, facts: Partial<Schedule> = {}): Schedule => ({
  id,
  scheduler: 'systemd',
  trigger: 'OnCalendar=daily',
  command: '/opt/x',
  file: `/etc/${id}`,
  timing: { kind: 'calendar', patterns: ['0 0 0 * * *'], timeZone: 'UTC' },
  ...facts,
})
const byId = (...jobs: Schedule[]) => new Map(jobs.map((one) => [one.id, one]))
const changes = (before: Schedule[], after: Schedule[], isKept = () => false) =>
  scheduleChanges(byId(...before), byId(...after), isKept, 42, 'linux.schedules').map(
    ({ change, schedule }) => `${change} ${schedule.id}`,
  )

t.test('tells what is new, what changed and what is gone', async (t) => {
  const before = [job('a'), job('b'), job('c')]
  const after = [job('a'), job('b', { command: '/opt/y' }), job('d')]
  t.strictSame(changes(before, after), ['change b', 'creation d', 'deletion c'])
})

t.test('a line that moved, or a file that was written again, is no change', async (t) => {
  t.strictSame(
    changes([job('a', { line: 1, modifiedMs: 1 })], [job('a', { line: 9, modifiedMs: 2 })]),
    [],
  )
})

t.test('a timing read back from a store may have its keys in another order', async (t) => {
  const timing = { timeZone: 'UTC', patterns: ['0 0 0 * * *'], kind: 'calendar' } as const
  t.strictSame(changes([job('a', { timing })], [job('a')]), [])
})

t.test('that launchd loads or unloads a job is a change', async (t) => {
  const [on, off] = [job('a', { isLoaded: true }), job('a', { isLoaded: false })]
  t.strictSame([changes([off], [on]), changes([on], [on])], [['change a'], []])
})

t.test('what could not be looked at is not gone', async (t) => {
  t.strictSame(
    changes([job('a')], [], () => true),
    [],
  )
})

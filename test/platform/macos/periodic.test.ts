import t from 'tap'
import type { Schedule } from '../../../platform/event.ts'
import { PERIODIC_FOLDERS, periodicSchedules } from '../../../platform/macos/periodic.ts'

const script = { path: '/etc/periodic/daily/500.send', modifiedMs: 7 }
const runner = (command: string): Schedule => ({
  ...{ id: command, scheduler: 'launchd', command },
  timing: { kind: 'calendar', patterns: ['0 15 3 * * *'] },
})

t.test('a script runs when launchd has periodic run its folder', async (t) => {
  const runners = [
    runner('/opt/periodic-report daily'),
    runner('/usr/libexec/periodic-wrapper weekly'),
    { ...runner('/usr/libexec/periodic-wrapper daily'), id: 'com.apple.periodic-daily' },
  ]
  const [job] = periodicSchedules('daily', [script], runners)
  t.strictSame(job, {
    id: 'periodic:/etc/periodic/daily/500.send',
    scheduler: 'launchd',
    trigger: 'periodic daily',
    command: '/etc/periodic/daily/500.send',
    user: { name: 'root' },
    file: '/etc/periodic/daily/500.send',
    modifiedMs: 7,
    timing: { kind: 'calendar', patterns: ['0 15 3 * * *'] },
  })
})

t.test('without such a job nothing is foretold', async (t) => {
  const [job] = periodicSchedules('daily', [script], [runner('/usr/sbin/periodic monthly')])
  t.equal(job?.timing, undefined)
  t.strictSame(periodicSchedules('daily', [], []), [])
})

t.test('knows six folders', async (t) => {
  t.equal(PERIODIC_FOLDERS.length, 6)
  t.match(PERIODIC_FOLDERS[5], { often: 'monthly', folder: '/usr/local/etc/periodic/monthly' })
})

import t from 'tap'
import type { Schedule } from '../../../platform/event.ts'
import { folderSchedules, isJobName } from '../../../platform/linux/schedule-folders.ts'

const runner: Schedule = {
  id: 'cron:1',
  scheduler: 'cron',
  trigger: '25 6 * * *',
  command: 'test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }',
  user: { name: 'root' },
  timing: { kind: 'calendar', patterns: ['0 25 6 * * *'] },
}

t.test('a script fires when run-parts runs its folder', async (t) => {
  const script = { file: '/etc/cron.daily/backup', modifiedMs: 3 }
  t.strictSame(folderSchedules('/etc/cron.daily', [script], [runner]), [
    {
      ...runner,
      id: 'cron:/etc/cron.daily/backup',
      command: '/etc/cron.daily/backup',
      file: '/etc/cron.daily/backup',
      modifiedMs: 3,
    },
  ])
})

t.test('a folder that nobody runs foretells nothing', async (t) => {
  const [schedule] = folderSchedules('/etc/cron.d', [{ file: '/etc/cron.d/x' }], [runner])
  t.match(schedule, { trigger: 'run-parts /etc/cron.d', user: { name: 'root' } })
  t.equal(schedule?.timing, undefined)
})

t.test('takes the names that run-parts takes', async (t) => {
  const names = [
    'backup',
    '0anacron',
    'mcelog.cron',
    '.placeholder',
    'a~',
    'x.rpmsave',
    'y.swp',
    'a,v',
  ]
  const taken = (isDebian: boolean) => names.filter((name) => isJobName(name, isDebian))
  t.strictSame(taken(true), ['backup', '0anacron'])
  t.strictSame(taken(false), ['backup', '0anacron', 'mcelog.cron'])
})

import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { scanSchedules } from '../../../platform/linux/schedule-scan-collector.ts'
import { scheduleFiles } from '../../../platform/shared/schedule-files-collector.ts'

const scan = (root: string) => scanSchedules(scheduleFiles(root))
const RUN_DAILY = '25 6 * * * root test -x /usr/sbin/anacron || run-parts /etc/cron.daily\n'

t.test('finds the jobs of every place', async (t) => {
  const root = t.testdir({
    etc: {
      debian_version: '12',
      crontab: `${RUN_DAILY}nonsense\n`,
      'cron.d': { job: '@hourly backup /opt/job\n', 'job.dpkg-old': '@hourly root /opt/old\n' },
      'cron.daily': { script: '', README: '', 'a.b': '' },
    },
    var: {
      spool: {
        cron: {
          crontabs: { alice: '*/5 * * * * /home/alice/x\n', 'tmp.Xy12': '@daily unsaved\n' },
          atjobs: { '.SEQ': '00001' },
        },
      },
    },
  })
  for (const name of ['script', 'a.b']) chmodSync(join(root, 'etc/cron.daily', name), 0o755)
  const job = 'a0000101c8a1c7'
  const golden = join(import.meta.dirname, '../../golden/linux/schedules', job)
  copyFileSync(golden, join(root, 'var/spool/cron/atjobs', job))

  const { schedules, malformed, unreadable } = await scan(root)
  const told = Array.from(schedules.values(), ({ scheduler, user, file, trigger }) =>
    [scheduler, user?.name ?? user?.id, file, trigger].join(' '),
  )
  t.strictSame(told, [
    'cron root /etc/crontab 25 6 * * *',
    'cron backup /etc/cron.d/job @hourly',
    'cron alice /var/spool/cron/crontabs/alice */5 * * * *',
    'cron root /etc/cron.daily/script 25 6 * * *',
    `at 0 /var/spool/cron/atjobs/${job} 2026-11-24T19:51Z`,
  ])
  t.strictSame(malformed, ['/etc/crontab:2: no time fields'])
  t.strictSame(unreadable, [])
})

t.test('a folder is anacron’s where that is installed', async (t) => {
  const files = {
    etc: {
      crontab: RUN_DAILY,
      anacrontab: '1 5 cron.daily run-parts /etc/cron.daily\n',
      'cron.daily': { 'a.cron': '' },
    },
  }
  const schedulerOf = async (root: string) => {
    chmodSync(join(root, 'etc/cron.daily/a.cron'), 0o755)
    return (await scan(root)).schedules.get('cron:/etc/cron.daily/a.cron')?.scheduler
  }
  t.equal(await schedulerOf(t.testdir(files)), 'cron')
  t.equal(await schedulerOf(t.testdir({ ...files, usr: { sbin: { anacron: '' } } })), 'anacron')
})

t.test('reads crontabs as the host’s own cron does', async (t) => {
  const spool = { spool: { cron: { root: 'CRON_TZ=Asia/Tokyo\n@daily x\n' } } }
  const zoneOf = async (root: string) => {
    const [schedule] = (await scan(root)).schedules.values()
    return schedule?.timing?.kind === 'calendar' ? schedule.timing.timeZone : 'none'
  }
  t.equal(await zoneOf(t.testdir({ var: spool })), undefined)
  t.equal(await zoneOf(t.testdir({ var: spool, usr: { sbin: { crond: '' } } })), 'Asia/Tokyo')
})

t.test('a host without any is an empty one', async (t) => {
  const { schedules, malformed } = await scan(t.testdir({}))
  t.equal(schedules.size, 0)
  t.strictSame(malformed, [])
})

import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { scanCron } from '../../../platform/macos/cron-scan-collector.ts'
import { scheduleFiles } from '../../../platform/shared/schedule-files-collector.ts'

/** Made by Debian's at, which has the same frame as that of macOS: both are Koenig's. */
const atJob = readFileSync(
  join(import.meta.dirname, '../../golden/linux/schedules/a0000101c8a1c7'),
  'utf8',
)

t.test('crontabs, at jobs and periodic, each where a Mac has it', async (t) => {
  const rootDir = t.testdir({
    etc: {
      crontab: '0 3 * * *\troot\t/opt/system.sh\n',
      periodic: { daily: { '500.send': '#!/bin/sh\n', notes: 'not executable' } },
    },
    private: {
      var: {
        at: {
          tabs: {
            ann: '*/15 * * * * @AppleNotOnBattery /Users/ann/up.sh\nnonsense\n',
            'tmp.123': '* * * * * /tmp/x\n',
          },
          jobs: { a0000101c8a1c7: atJob, '.SEQ': '1', a0000201c8a1c7: 'cut' },
        },
      },
    },
  })
  chmodSync(join(rootDir, 'etc/periodic/daily/500.send'), 0o755)
  const { schedules, malformed } = await scanCron(scheduleFiles(rootDir), [])
  t.match(
    schedules.map(({ scheduler, command, user, file }) => [scheduler, command, user, file]),
    [
      ['cron', '/opt/system.sh', { name: 'root' }, '/etc/crontab'],
      ['cron', '/Users/ann/up.sh', { name: 'ann' }, '/private/var/at/tabs/ann'],
      ['at', /^echo hello/, { id: '0' }, '/private/var/at/jobs/a0000101c8a1c7'],
      ['launchd', '/etc/periodic/daily/500.send', { name: 'root' }, /500\.send$/],
    ],
  )
  t.strictSame(malformed, [
    '/private/var/at/tabs/ann:2: no time fields',
    '/private/var/at/jobs/a0000201c8a1c7: not the text of an at job',
  ])
})

t.test('a Mac without any of these has no such jobs', async (t) => {
  t.strictSame(await scanCron(scheduleFiles(t.testdir({})), []), { schedules: [], malformed: [] })
})

import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findTimers } from '../../../platform/linux/systemd-units-collector.ts'
import { scheduleFiles } from '../../../platform/shared/schedule-files-collector.ts'

const timer = (calendar: string, more = '') => `[Timer]\nOnCalendar=${calendar}\n${more}`
const service = (command: string) => `[Service]\nExecStart=${command}\n`

t.test('takes what is enabled, and what was written on this host', async (t) => {
  const root = t.testdir({
    usr: {
      lib: {
        systemd: {
          system: {
            'on.timer': timer('daily'),
            'on.service': service('/usr/bin/on'),
            'off.timer': timer('daily'),
            'dead.timer': timer('daily'),
            'timers.target.wants': { 'on.timer': '', 'dead.timer': '', 'gone.timer': '' },
          },
        },
      },
    },
    etc: { systemd: { system: { 'own.timer': timer('hourly', 'Unit=job.service') } } },
  })
  symlinkSync('/dev/null', join(root, 'etc/systemd/system/dead.timer'))
  const { schedules, timers } = await findTimers(scheduleFiles(root))
  t.match(
    schedules.map(({ id }) => id),
    ['own.timer', 'on.timer'],
  )
  t.match(schedules[1], {
    command: '/usr/bin/on',
    file: '/usr/lib/systemd/system/on.timer',
    timing: { patterns: ['0 0 0 * * *'] },
  })
  t.strictSame(
    [...timers],
    [
      ['job.service', 'own.timer'],
      ['on.service', 'on.timer'],
    ],
  )
})

t.test(
  'a file of the host hides that of the distribution, and drop-ins add to either',
  async (t) => {
    const root = t.testdir({
      lib: {
        systemd: {
          system: {
            'a.timer': timer('daily'),
            'a.service': service('/lib/a'),
            'a.timer.d': { 'z.conf': timer('monthly'), 'both.conf': timer('minutely') },
          },
        },
      },
      etc: {
        systemd: {
          system: {
            'a.timer': timer('weekly'),
            'a.timer.d': { 'both.conf': '[Timer]\nAccuracySec=1s\n', 'no.txt': timer('yearly') },
            'a.service.d': { 'x.conf': '[Service]\nUser=alice\nExecStart=\nExecStart=/etc/a\n' },
          },
        },
      },
    })
    const { schedules } = await findTimers(scheduleFiles(root))
    t.match(schedules, [
      {
        file: '/etc/systemd/system/a.timer',
        trigger: 'OnCalendar=weekly OnCalendar=monthly',
        command: '/etc/a',
        user: { name: 'alice' },
        timing: { randomDelayMs: 1000 },
      },
    ])
  },
)

t.test('an instance is made of its template', async (t) => {
  const system = {
    'dump@.timer': timer('daily'),
    'dump@.service': service('/opt/dump %i'),
    'timers.target.wants': { 'dump@home.timer': '' },
  }
  const { schedules } = await findTimers(scheduleFiles(t.testdir({ etc: { systemd: { system } } })))
  t.match(schedules, [{ id: 'dump@home.timer', command: '/opt/dump home' }])
  t.equal(schedules.length, 1)
})

t.test('finds the timers in homes, as their owners’', async (t) => {
  const root = t.testdir({
    etc: { passwd: 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000:,:/home/alice:/bin/sh\nx\n' },
    home: {
      alice: {
        '.config': {
          systemd: { user: { 'beat.timer': timer('*:0/5'), 'beat.service': service('/tmp/b') } },
        },
      },
    },
  })
  const { schedules } = await findTimers(scheduleFiles(root))
  t.match(schedules, [
    { id: 'beat.timer@alice', user: { id: '1000', name: 'alice' }, command: '/tmp/b' },
  ])
})

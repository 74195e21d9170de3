import t from 'tap'
import { serviceOf, timerSchedule } from '../../../platform/linux/systemd-timer.ts'
import { parseUnit } from '../../../platform/linux/systemd-unit.ts'

const MINUTE_MS = 60_000
const units = (timer: string, service?: string, name = 'backup.timer') => ({
  name,
  timer: parseUnit([`[Timer]\n${timer}`]),
  ...(service === undefined ? {} : { service: parseUnit([`[Service]\n${service}`]) }),
  file: `/etc/systemd/system/${name}`,
  modifiedMs: 9,
})
const timingOf = (timer: string) => timerSchedule(units(timer)).timing

t.test('makes a schedule of a timer and its service', async (t) => {
  const service = 'User=backup\nExecStart=-/opt/backup.sh --all\nExecStart=+@/bin/echo echo %i\n'
  t.strictSame(timerSchedule(units('OnCalendar=*-*-* 02:30', service, 'backup@home.timer')), {
    id: 'backup@home.timer',
    scheduler: 'systemd',
    trigger: 'OnCalendar=*-*-* 02:30',
    command: '/opt/backup.sh --all; /bin/echo echo home',
    user: { name: 'backup' },
    file: '/etc/systemd/system/backup@home.timer',
    modifiedMs: 9,
    timing: { kind: 'calendar', patterns: ['0 30 2 * * *'], randomDelayMs: MINUTE_MS },
  })
})

t.test('a service that is not there is named, and root’s', async (t) => {
  const schedule = timerSchedule(units('OnCalendar=daily'))
  t.match(schedule, { command: 'backup.service', user: { name: 'root' } })
})

t.test('a timer of a user is that user’s, and apart from the system’s', async (t) => {
  const owner = { id: '1000', name: 'alice' }
  const schedule = timerSchedule({ ...units('OnCalendar=daily', 'ExecStart=/x'), owner })
  t.match(schedule, { id: 'backup.timer@alice', user: owner })
})

t.test('spreads by accuracy and random delay', async (t) => {
  const timing = timingOf(
    'OnCalendar=hourly\nOnCalendar=daily\nRandomizedDelaySec=1h\nAccuracySec=1s',
  )
  t.strictSame(timing, {
    kind: 'calendar',
    patterns: ['0 0 * * * *', '0 0 0 * * *'],
    randomDelayMs: 3_601_000,
  })
  t.strictSame(timingOf('OnCalendar=daily\nAccuracySec=0'), {
    kind: 'calendar',
    patterns: ['0 0 0 * * *'],
  })
})

t.test('an interval counts from the start, or from the end of a run', async (t) => {
  const active = timingOf('OnBootSec=5min\nOnUnitActiveSec=15min\nOnUnitActiveSec=1h')
  t.match(active, { kind: 'interval', everyMs: 15 * MINUTE_MS, since: 'start' })
  const inactive = timingOf('OnUnitInactiveSec=90s')
  t.match(inactive, { kind: 'interval', everyMs: 90_000, since: 'end' })
})

t.test('what comes once after a boot, or can’t be read, foretells nothing', async (t) => {
  t.equal(timingOf('OnBootSec=5min'), undefined)
  t.equal(timingOf('OnActiveSec=5min\nOnUnitActiveSec=0'), undefined)
  t.equal(timingOf('OnCalendar=often'), undefined)
  t.strictSame(timingOf('OnCalendar=@1700000000'), { kind: 'once', atMs: 1_700_000_000_000 })
})

t.test('one zone is all that a timing can name', async (t) => {
  const timing = timingOf('OnCalendar=daily Asia/Tokyo\nOnCalendar=hourly')
  t.match(timing, { patterns: ['0 0 0 * * *'], timeZone: 'Asia/Tokyo' })
})

t.test('a timer starts the service of its name, or that of Unit=', async (t) => {
  t.equal(serviceOf('a.timer', parseUnit(['[Timer]'])), 'a.service')
  t.equal(
    serviceOf('a@b-c.timer', parseUnit(['[Timer]\nUnit=x-%i-%I-%p-%%.service'])),
    'x-b-c-b/c-a-%.service',
  )
})

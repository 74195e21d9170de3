import fc from 'fast-check'
import t from 'tap'
import {
  isHiddenPath,
  isHomePath,
  isOrdinaryUser,
  isOwnJob,
  isTempPath,
  programKind,
} from '../../../agent/detect/risk-context.ts'
import { cronJob } from '../../support/findings.ts'
import { holds } from '../../support/holds.ts'

const kinds: Record<string, string | undefined> = {
  '/usr/bin/curl': 'transfer_tool',
  'C:\\Windows\\System32\\certutil.exe': 'transfer_tool',
  'C:\\Windows\\System32\\NOTEPAD.EXE': 'unlikely_sender',
  '/usr/bin/python3.11': 'interpreter',
  'powershell.exe': 'interpreter',
  '/bin/bash': undefined,
  '/usr/bin/pythonista': undefined,
  '': undefined,
}
for (const [program, kind] of Object.entries(kinds)) {
  t.test(`${program || 'nothing'} is ${kind ?? 'no special program'}`, async (t) =>
    t.equal(programKind(program), kind),
  )
}

t.test('temp, home and hidden paths of each system', async (t) => {
  for (const path of [
    '/tmp/x',
    '/private/tmp/x',
    '/dev/shm/x',
    'C:\\Windows\\Temp\\x',
    'C:\\Users\\a\\AppData\\Local\\Temp\\x',
    'C:\\Users\\Public\\x',
  ])
    t.ok(isTempPath(path), path)
  for (const path of ['/opt/tmp/x', '/tmpx/y', '/usr/bin/x']) t.notOk(isTempPath(path), path)
  for (const path of ['/home/a/x', '/Users/a/x', '/root/x', 'C:\\Users\\a\\x'])
    t.ok(isHomePath(path), path)
  for (const path of ['/home', '/opt/home/a/x']) t.notOk(isHomePath(path), path)
  for (const path of ['/opt/.x/y', '/home/a/.cache/z']) t.ok(isHiddenPath(path), path)
  for (const path of ['/opt/../x', '/opt/a.b/x', './x']) t.notOk(isHiddenPath(path), path)
})

const users: readonly (readonly [string | undefined, string, boolean | undefined])[] = [
  ['0', 'linux', false],
  ['33', 'linux', false],
  ['1000', 'linux', true],
  ['65534', 'linux', false],
  ['501', 'macos', true],
  ['501', 'linux', false],
  ['S-1-5-18', 'windows', false],
  ['S-1-5-21-1-2-3-500', 'windows', false],
  ['S-1-5-21-1-2-3-1104', 'windows', true],
  ['anna', 'linux', undefined],
  [undefined, 'linux', undefined],
]
for (const [id, platform, want] of users) {
  t.test(
    `${id} on ${platform} is ${want === undefined ? 'unknown' : want ? 'ordinary' : 'not ordinary'}`,
    async (t) => {
      t.equal(isOrdinaryUser(id === undefined ? undefined : { id }, platform), want)
    },
  )
}

t.test("a user's own job is in the user's own places", async (t) => {
  const own = (file: string) => isOwnJob({ ...cronJob, file }, undefined)
  t.ok(own('/var/spool/cron/crontabs/anna'))
  t.ok(own('/var/spool/cron/anna'))
  t.ok(own('/Users/anna/Library/LaunchAgents/x.plist'))
  t.ok(own('/private/var/at/tabs/anna'))
  t.notOk(own('/Library/LaunchAgents/x.plist'), 'an administrator puts it there')
  t.ok(own('/home/anna/.config/systemd/user/x.timer'))
  t.notOk(own('/etc/cron.d/backup'))
  t.ok(isOwnJob(cronJob, '/home/anna/x.sh'))
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => {
    programKind(s)
    isTempPath(s)
    isOrdinaryUser({ id: s }, s)
  })
  holds(t, 'never throws', total)
})

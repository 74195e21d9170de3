import t from 'tap'
import { definitionRoot, launchdPath, placeOf } from '../../../agent/hunt/places.ts'

t.test('files of one copied host lie in one place', async (t) => {
  for (const path of [
    'ev/web1/etc/crontab',
    'ev/web1/etc/cron.d/backup',
    'ev/web1/etc/systemd/system/a.timer',
    'ev/web1/var/spool/cron/crontabs/ann',
    'ev/web1/var/log/syslog',
    'ev/web1/var/log/audit/audit.log.1',
  ]) {
    t.equal(placeOf(path), './ev/web1', path)
  }
  t.equal(placeOf('C:\\ev\\web1\\var\\log\\syslog'), 'C:/ev/web1')
  t.equal(placeOf('/var/log/audit/audit.log'), '/')
  t.equal(placeOf('etc/crontab'), '.')
})

t.test('a Mac’s property lists tell its root, and their own path within', async (t) => {
  for (const [root, path] of [
    ['./ev/mac1', '/Library/LaunchDaemons/a.plist'],
    ['./ev/mac1', '/Users/ann/Library/LaunchAgents/a.plist'],
    ['/', '/System/Library/LaunchAgents/a.plist'],
    ['./ev/Users/ann/mac1', '/private/var/root/Library/LaunchAgents/a.plist'],
  ] as const) {
    const whole = `${root === '/' ? '' : root}${path}`
    t.strictSame([placeOf(whole), launchdPath(whole)], [root, path])
    t.equal(definitionRoot(whole), undefined, 'no root of a Linux host')
  }
  t.equal(placeOf('mac1/private/var/at/tabs/ann'), './mac1')
  t.equal(launchdPath('LaunchAgents/a.plist'), undefined)
})

t.test('elsewhere, those of one folder', async (t) => {
  t.equal(placeOf('/data/a/audit.log'), '/data/a')
  t.equal(placeOf('audit.log'), '.')
  t.equal(placeOf('/audit.log'), '/')
  t.equal(placeOf('../a.log'), '..')
})

t.test('only what lies where jobs are defined tells of a root', async (t) => {
  t.equal(definitionRoot('/etc/crontab'), '/')
  t.equal(definitionRoot('a/b/etc/cron.daily/x'), './a/b')
  for (const path of [
    'my-etc/crontab',
    'etc/crontab.bak',
    'etc/passwd',
    'a/var/log/cron.log',
    'crontab',
  ]) {
    t.equal(definitionRoot(path), undefined, path)
  }
})

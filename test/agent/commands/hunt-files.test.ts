import { join } from 'node:path'
import t from 'tap'
import { huntFiles } from '../../../agent/commands/hunt-files.ts'

const HOST = {
  etc: {
    crontab: '*/5 * * * * root /a\n61 * * * * root /b\n',
    passwd: 'root:x:0:0::/root:/bin/sh',
  },
  var: { spool: { cron: { crontabs: { ann: '@daily /c\n' } } }, log: { syslog: 'x' } },
}

t.test('definitions of a copied host are looked through, all else is read', async (t) => {
  const folder = t.testdir({ web1: HOST, 'conn.log': 'y' })
  const { files, schedules, malformed } = await huntFiles([folder])
  const names = ['conn.log', 'web1/etc/passwd', 'web1/var/log/syslog']
  t.strictSame(
    files.map(({ path }) => path),
    names.map((name) => join(folder, name)),
  )
  t.strictSame(
    files.map(({ bytes }) => bytes),
    [1, HOST.etc.passwd.length, 1],
  )
  t.match(
    [...schedules],
    [[join(folder, 'web1'), [{ command: '/a' }, { command: '/c', user: { name: 'ann' } }]]],
  )
  t.match(malformed, [/web1\/etc\/crontab:2: /])
})

t.test('nothing is looked at that lies outside of what was named', async (t) => {
  const folder = t.testdir(HOST)
  const { files, schedules } = await huntFiles([join(folder, 'etc')])
  t.equal(schedules.size, 0)
  t.equal(files.length, 2)
  const named = await huntFiles([join(folder, 'etc/crontab'), '/nonexistent/x'])
  t.match(named.files, [{ path: /crontab$/ }, { path: '/nonexistent/x', bytes: 0 }])
  t.equal(named.schedules.size, 0)
})

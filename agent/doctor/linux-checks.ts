/**
 * What a Linux host needs for a full view: auditd with its plugin and rules, no lost records, cron's log,
 * the kernel's count of bytes, a clock that is right. Pure but for the machine that is asked.
 *
 * @see packaging/linux/README.md
 */
import { type Check, type Diagnosis, good, type Machine } from './diagnosis.ts'

const RULES = 'audit rules'
const LOAD_RULES =
  'copy packaging/linux/audit/tidewatch.rules to /etc/audit/rules.d/50-tidewatch.rules, then augenrules --load'
const PLUGINS = ['/etc/audit/plugins.d/af_unix.conf', '/etc/audisp/plugins.d/af_unix.conf']
/** A burst of a few seconds on a busy host. */
const BACKLOG = 8_192
const SYSCTL = '/proc/sys/net/netfilter/'
const SYSCTL_FILE = '/etc/sysctl.d/60-tidewatch.conf'

export interface LinuxNeeds {
  readonly cronLogPaths: readonly string[]
}

export const linuxChecks = (needs: LinuxNeeds): readonly Check[] => [
  rights,
  auditd,
  plugin,
  (machine) => cronLog(machine, needs),
  accounting,
  clock,
]

async function rights({ isRoot }: Machine): Promise<readonly Diagnosis[]> {
  if (isRoot) return [good('rights', 'root sees all processes, sockets and job definitions')]
  return [
    {
      ...{ name: 'rights', state: 'warning' },
      detail: 'not root: other users’ processes, sockets and crontabs are not seen',
      remedy: 'run it as root, as the installed service does',
    },
  ]
}

async function auditd(machine: Machine): Promise<readonly Diagnosis[]> {
  const status = await machine.run('auditctl', ['-s'])
  if (status.code === undefined) {
    return [
      {
        ...{ name: 'auditd', state: 'failed', detail: 'not installed' },
        remedy: 'install auditd (on Red Hat audit): without it, short-lived programs are not seen',
      },
    ]
  }
  if (status.code !== 0) {
    const remedy = machine.isRoot ? 'look at journalctl -u auditd' : 'run doctor as root'
    return [{ name: 'auditd', state: 'unknown', detail: 'its state may not be read', remedy }]
  }
  const value = (field: string): number =>
    Number(new RegExp(`^${field} (\\d+)`, 'm').exec(status.output)?.[1] ?? Number.NaN)
  return [
    running(value('enabled'), value('pid')),
    lost(value('lost'), value('backlog_limit')),
    await rules(machine),
  ]
}

function running(enabled: number, pid: number): Diagnosis {
  const name = 'auditd'
  if (enabled === 0) {
    return {
      ...{ name, state: 'failed', detail: 'the kernel’s audit system is off' },
      remedy: 'auditctl -e 1, and remove audit=0 from the kernel’s command line',
    }
  }
  return pid > 0
    ? good(name, `runs, pid ${pid}`)
    : { name, state: 'failed', detail: 'does not run', remedy: 'systemctl enable --now auditd' }
}

function lost(count: number, backlog: number): Diagnosis {
  const name = 'audit backlog'
  const isSmall = backlog < BACKLOG
  const fix = [{ kind: 'run', program: 'auditctl', args: ['-b', String(BACKLOG)] }] as const
  if (count > 0) {
    return {
      ...{ name, state: 'warning' },
      detail: `${count} records lost since boot, with a backlog of ${backlog}`,
      remedy: isSmall
        ? `auditctl -b ${BACKLOG}, and -b ${BACKLOG} in the rules for the next boot`
        : 'give auditd more of a core (priority_boost), or ask it for less with narrower rules',
      ...(isSmall && { fix }),
    }
  }
  return good(name, `nothing lost, backlog of ${backlog}`)
}

async function rules(machine: Machine): Promise<Diagnosis> {
  const { output } = await machine.run('auditctl', ['-l'])
  const lines = output.split('\n').filter((line) => line.startsWith('-a always,exit'))
  const hasCall = (call: string): boolean =>
    lines.some((line) => new RegExp(`-S (?:[a-z0-9_]+,)*${call}(?:,| |$)`).test(line))
  const missing = ['execve', 'connect'].filter((call) => !hasCall(call))
  return missing.length === 0
    ? good(RULES, `${lines.length} rules, programs and connections among them`)
    : {
        ...{ name: RULES, state: 'failed', remedy: LOAD_RULES },
        detail: `no rule asks for ${missing.join(' and ')}`,
      }
}

async function plugin({ readText, isRoot }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'audit plugin'
  const texts = PLUGINS.flatMap((path) => {
    const text = readText(path)
    return text === undefined ? [] : [{ path, text }]
  })
  const [found] = texts
  if (found === undefined) {
    return [
      {
        ...{ name, state: isRoot ? 'warning' : 'unknown' },
        detail: `no ${PLUGINS[0]}`,
        remedy:
          'copy packaging/linux/audit/af_unix.conf there and service auditd restart; else audit.log is read, which lags',
      },
    ]
  }
  return /^\s*active\s*=\s*yes/im.test(found.text)
    ? [good(name, `${found.path} is active`)]
    : [
        {
          ...{ name, state: 'warning', detail: `${found.path} is not active` },
          remedy:
            'set active = yes in it, then pkill -HUP auditd; else audit.log is read, which lags',
        },
      ]
}

async function cronLog(
  { facts, run }: Machine,
  { cronLogPaths }: LinuxNeeds,
): Promise<readonly Diagnosis[]> {
  const name = 'cron log'
  const path = cronLogPaths.find((one) => facts(one)?.isFolder === false)
  if (path !== undefined) return [good(name, path)]
  const journal = await run('journalctl', ['--version'])
  return journal.code === 0
    ? [good(name, 'the journal')]
    : [
        {
          ...{
            name,
            state: 'warning',
            detail: `none of ${cronLogPaths.join(', ')}, and no journal`,
          },
          remedy: 'install rsyslog, or let syslog write the cron facility to /var/log/cron.log',
        },
      ]
}

async function accounting({ readText }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'byte counts'
  const value = readText(`${SYSCTL}nf_conntrack_acct`)?.trim()
  if (value === undefined) {
    return [
      {
        ...{ name, state: 'warning', detail: 'the kernel tracks no connections' },
        remedy:
          'modprobe nf_conntrack, and a firewall rule that asks for a state: nft add rule inet filter output ct state new accept',
      },
    ]
  }
  if (value === '1') return [good(name, 'nf_conntrack_acct is on')]
  return [
    {
      ...{ name, state: 'warning', detail: 'nf_conntrack_acct is off: bytes are not counted' },
      remedy: `sysctl -w net.netfilter.nf_conntrack_acct=1, and ${SYSCTL_FILE} for the next boot`,
      fix: [
        { kind: 'run', program: 'sysctl', args: ['-w', 'net.netfilter.nf_conntrack_acct=1'] },
        { kind: 'write', path: SYSCTL_FILE, text: 'net.netfilter.nf_conntrack_acct = 1\n' },
      ],
    },
  ]
}

async function clock({ run }: Machine): Promise<readonly Diagnosis[]> {
  const name = 'clock'
  const asked = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
  const answer = asked.output.trim()
  if (asked.code !== 0 || (answer !== 'yes' && answer !== 'no')) {
    return [
      {
        ...{ name, state: 'unknown', detail: 'timedatectl does not tell' },
        remedy: 'make sure that chrony, ntpd or systemd-timesyncd keeps the clock',
      },
    ]
  }
  return answer === 'yes'
    ? [good(name, 'kept in step by NTP')]
    : [
        {
          ...{
            name,
            state: 'warning',
            detail: 'not kept in step: times of several hosts will not match',
          },
          remedy: 'systemctl enable --now systemd-timesyncd, or chrony',
        },
      ]
}

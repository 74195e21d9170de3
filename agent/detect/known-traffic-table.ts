/**
 * The table of benign recurring traffic. Paths are full, so that `/tmp/chronyd` is not chronyd.
 *
 * Updaters download: `maxSentShare` keeps one that mostly sends out of its row. Byte bounds count
 * IP and UDP headers in, as conntrack does: an NTP packet is 48 bytes and 76 with its headers.
 */
/** One row. All that it gives must hold. */
export interface KnownTraffic {
  readonly name: string
  /** Why it is benign, one line for a person. */
  readonly reason: string
  /** Path globs; the actor, or the program that connected, is one of these. */
  readonly actors?: readonly string[] | undefined
  /** Path globs of programs that `actors` would match, and that are none of this row. */
  readonly except?: readonly string[] | undefined
  /** The system's own by its signature, without a script or a job that somebody added (macOS). */
  readonly isPlatform?: true | undefined
  /** IPs, CIDRs, domains with wildcard. */
  readonly destinations?: readonly string[] | undefined
  readonly ports?: readonly number[] | undefined
  readonly transport?: 'tcp' | 'udp' | undefined
  /** Most that the median run sends; no run may send 8 times as much. Unknown bytes do not match. */
  readonly maxSentBytes?: number | undefined
  /** Largest share sent of all bytes, 0 to 1; judged where it is known. */
  readonly maxSentShare?: number | undefined
  /** Shortest period. */
  readonly minPeriodMs?: number | undefined
}

const SECOND = 1_000
const LINUX_BIN = ['/usr/bin', '/usr/sbin', '/bin', '/sbin']
const bin = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => LINUX_BIN.map((folder) => `${folder}/${name}`))

export const KNOWN_TRAFFIC: readonly KnownTraffic[] = [
  {
    name: 'ntp-client',
    reason: 'The system keeps its clock right, every 16 s to 36 h',
    actors: [
      ...bin('chronyd', 'ntpd', 'ntpdate', 'sntp', 'openntpd'),
      '/{usr/,}lib/systemd/systemd-timesyncd',
      '/usr/libexec/timed',
      'C:/Windows/System32/svchost.exe',
    ].flatMap(braces),
    ports: [123],
    transport: 'udp',
    minPeriodMs: 15 * SECOND,
  },
  {
    name: 'ntp',
    reason: 'Packets of the size and pace of NTP; sixteen bytes a second hide nothing',
    ports: [123],
    transport: 'udp',
    maxSentBytes: 180,
    minPeriodMs: 15 * SECOND,
  },
  {
    name: 'resolver',
    reason: 'The name service of this host asks the configured servers',
    actors: [
      ...bin('dnsmasq', 'unbound', 'named', 'nscd', 'avahi-daemon'),
      '/{usr/,}lib/systemd/systemd-resolved',
      '/usr/sbin/mDNSResponder',
      'C:/Windows/System32/svchost.exe',
      'C:/Windows/System32/dns.exe',
    ].flatMap(braces),
    ports: [53, 853, 5353, 5355],
    maxSentShare: 0.6,
  },
  {
    name: 'dns',
    reason: 'One lookup of a short name a run; a longer name may carry data',
    ports: [53],
    maxSentBytes: 160,
    maxSentShare: 0.6,
    minPeriodMs: 10 * SECOND,
  },
  {
    name: 'dhcp-client',
    reason: 'The lease of the address is renewed',
    actors: [
      ...bin('dhclient', 'dhcpcd', 'NetworkManager', 'udhcpc'),
      '/{usr/,}lib/systemd/systemd-networkd',
      '/usr/libexec/configd',
      'C:/Windows/System32/svchost.exe',
    ].flatMap(braces),
    ports: [67, 547],
    transport: 'udp',
  },
  {
    name: 'dhcp',
    reason: 'Packets of the size and pace of DHCP',
    ports: [67, 547],
    transport: 'udp',
    maxSentBytes: 700,
    minPeriodMs: 60 * SECOND,
  },
  {
    name: 'package-updates',
    reason: 'The package manager looks for updates and fetches them',
    actors: [
      '/usr/lib/apt/apt.systemd.daily',
      '/usr/lib/apt/methods/*',
      '/usr/lib/apt/apt-helper',
      ...bin('apt', 'apt-get', 'unattended-upgrade', 'unattended-upgrades', 'dnf', 'dnf-*', 'dnf5'),
      ...bin('yum', 'yum-cron', 'zypper', 'pacman', 'apk', 'packagekitd'),
      '/usr/lib{exec,}/packagekitd',
    ].flatMap(braces),
    maxSentShare: 0.5,
  },
  {
    name: 'snap-flatpak',
    reason: 'Snaps, flatpaks and firmware look for updates',
    actors: [
      '/usr/lib/snapd/snapd',
      '/usr/libexec/snapd/snapd',
      '/snap/snapd/*/usr/lib/snapd/snapd',
      ...bin('flatpak', 'fwupdmgr'),
      '/usr/libexec/fwupd/fwupd',
    ],
    maxSentShare: 0.5,
  },
  {
    name: 'distribution-services',
    reason: 'Message of the day and update notices of the distribution; what they send is small',
    actors: ['/etc/update-motd.d/50-motd-news', '/usr/lib/ubuntu-advantage/*'],
    destinations: ['motd.ubuntu.com', '*.ubuntu.com', '*.canonical.com'],
    maxSentShare: 0.7,
  },
  {
    name: 'connectivity-check',
    reason: 'The system asks whether it is online',
    destinations: [
      'connectivity-check.ubuntu.com',
      'nmcheck.gnome.org',
      'fedoraproject.org',
      'www.msftconnecttest.com',
      'www.msftncsi.com',
      'dns.msftncsi.com',
      'captive.apple.com',
    ],
    ports: [80],
    maxSentShare: 0.7,
  },
  {
    name: 'cloud-metadata',
    reason: 'The agent of the cloud provider asks the metadata service of the host itself',
    actors: [
      ...bin('amazon-ssm-agent', 'google_guest_agent', 'google_osconfig_agent', 'waagent'),
      ...bin('cloud-init', 'ec2-metadata'),
      '/usr/lib/google/guest_agent/*',
      'C:/WindowsAzure/**',
    ],
    destinations: ['169.254.169.254', '168.63.129.16', 'fd00:ec2::254'],
  },
  {
    name: 'monitoring-agent',
    reason: 'A monitoring agent that was installed with the system reports measurements',
    actors: [
      ...bin('zabbix_agentd', 'zabbix_agent2', 'telegraf', 'collectd', 'netdata', 'nrpe'),
      ...bin('datadog-agent', 'puppet', 'munin-node', 'snmpd'),
      '/opt/datadog-agent/bin/**',
      '/usr/share/{metric,file,heart,audit,packet}beat/bin/*beat',
      '/opt/puppetlabs/puppet/bin/*',
    ].flatMap(braces),
  },
  {
    name: 'windows-update',
    reason: 'Windows and Defender look for updates and fetch them',
    actors: [
      'C:/Windows/System32/svchost.exe',
      'C:/Windows/System32/UsoClient.exe',
      'C:/Windows/System32/wuauclt.exe',
      'C:/Windows/System32/MoUsoCoreWorker.exe',
      'C:/ProgramData/Microsoft/Windows Defender/Platform/*/MsMpEng.exe',
      'C:/ProgramData/Microsoft/Windows Defender/Platform/*/MpCmdRun.exe',
      'C:/Program Files/Windows Defender/MsMpEng.exe',
    ],
    destinations: [
      '*.windowsupdate.com',
      '*.update.microsoft.com',
      '*.delivery.mp.microsoft.com',
      '*.wdcp.microsoft.com',
      'go.microsoft.com',
      'definitionupdates.microsoft.com',
    ],
  },
  {
    name: 'windows-telemetry',
    reason: 'Diagnostic data of Windows to Microsoft',
    actors: [
      'C:/Windows/System32/svchost.exe',
      'C:/Windows/System32/CompatTelRunner.exe',
      'C:/Windows/System32/SIHClient.exe',
    ],
    destinations: ['*.events.data.microsoft.com', 'settings-win.data.microsoft.com'],
  },
  {
    name: 'macos-services',
    reason: 'Push, updates, certificates and time of macOS to Apple',
    actors: [
      '/System/Library/PrivateFrameworks/ApplePushService.framework/apsd',
      '/System/Library/CoreServices/Software Update.app/**',
      '/System/Library/PrivateFrameworks/**',
      '/usr/libexec/{nsurlsessiond,trustd,mobileassetd,timed,softwareupdated,syspolicyd}',
      '/usr/sbin/softwareupdate',
    ].flatMap(braces),
    destinations: ['*.apple.com', '*.icloud.com', '*.cdn-apple.com', '*.aaplimg.com', '17.0.0.0/8'],
  },
  {
    // The log of macOS hides where its daemons talk to, so that it can't be asked for here.
    name: 'macos-daemons',
    reason: 'A daemon of the sealed system, by its signature, that no added job started',
    isPlatform: true,
    actors: ['/System/Library/**', '/usr/libexec/*', '/usr/sbin/*'],
    // These transfer for any program that asks them.
    except: [
      ...['/usr/libexec/nsurlsessiond', '/usr/libexec/sftp-server'],
      ...['/System/Library/**/com.apple.WebKit.*', '/System/Library/**/*Automator*'],
    ],
  },
]

/** `/usr/lib{exec,}/x` is `/usr/libexec/x` and `/usr/lib/x`: one group a pattern. */
function braces(pattern: string): readonly string[] {
  const [group, names = ''] = /\{([^}]*)\}/.exec(pattern) ?? []
  return group === undefined
    ? [pattern]
    : names.split(',').map((name) => pattern.replace(group, name))
}

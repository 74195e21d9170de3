/**
 * The systemd unit of the agent: the packages install it, and `agent service install` writes it. Each
 * capability stands with its reason; all else that systemd can take away is taken away.
 * @see systemd.exec(5), systemd-analyze(1) security
 */
import type { ServiceProgram } from './service-manager.ts'

export const UNIT_NAME = 'tidewatch-agent.service'
const ACCOUNT = 'tidewatch'

/** What makes the account: a line of sysusers.d(5). It has no home, no shell and no password. */
export const ACCOUNT_LINE = `u ${ACCOUNT} - "Tidewatch agent" / /usr/sbin/nologin`

export const systemdUnit = (program: ServiceProgram): string => `[Unit]
Description=Tidewatch: finds scheduled transfers of data out of this host
Documentation=man:tidewatch-agent(1)
# auditd first, so that its socket is there; the network is not waited for: alerts wait in the database.
After=auditd.service network.target
# A unit that fails at once, again and again, rests; a person sees why in its status.
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=notify
NotifyAccess=main
ExecStart=${[...program, 'run', '--json'].map(quoted).join(' ')}
Restart=on-failure
RestartSec=2
# A wrong configuration stays wrong.
RestartPreventExitStatus=78
# An agent that hangs is killed and started again; its state is in the database.
WatchdogSec=60
TimeoutStartSec=120
TimeoutStopSec=20

StateDirectory=tidewatch
StateDirectoryMode=0700
UMask=0077

# A guest on its host: a bound on memory and tasks, and behind others for the processor and the disk.
MemoryHigh=256M
MemoryMax=384M
TasksMax=64
CPUWeight=20
CPUQuota=50%
IOWeight=20
Nice=5
OOMScoreAdjust=200

# Not root: as a user of its own it asks no service that obeys root, and writes to no process of
# others. What it keeps of root's powers, for itself and for the tools that it asks:
# - CAP_DAC_READ_SEARCH: crontabs of users, and files of auditd, which only their owners may read
# - CAP_SYS_PTRACE: whose a socket is (/proc/PID/fd and exe of other users' processes)
# - CAP_NET_ADMIN: conntrack's events, with the bytes of each connection
# The group is that of auditd's socket.
User=${ACCOUNT}
Group=root
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE CAP_NET_ADMIN
AmbientCapabilities=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE CAP_NET_ADMIN
NoNewPrivileges=yes
SecureBits=noroot-locked no-setuid-fixup-locked
# Configuration and data are where root's commands look for them.
Environment=XDG_CONFIG_HOME=/etc XDG_STATE_HOME=/var/lib

# It writes to its own folder and nowhere else. Homes are read, since users' timers are there; the
# sockets of their sessions, /run/user, are hidden.
ProtectSystem=strict
ProtectHome=tmpfs
BindReadOnlyPaths=-/home -/root
# Processes of others are seen by CAP_SYS_PTRACE alone.
ProtectProc=invisible
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateMounts=yes
# IPv4 and IPv6 to ship and to read routes, UNIX for auditd and this service manager, NETLINK for
# sockets and conntrack.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
KeyringMode=private
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute is not set: the engine compiles code at run time.

# Secrets: a credential is read from $CREDENTIALS_DIRECTORY, by the agent alone, and lies in no file
# of its own. systemctl edit ${UNIT_NAME}, then
#   [Service]
#   LoadCredential=api-key:/etc/tidewatch/api-key
# and name /run/credentials/${UNIT_NAME}/api-key in agent.yml as the key's file.

[Install]
WantedBy=multi-user.target
`

/** systemd reads quotes, backslashes and `%`; a plain path stays as it is. */
const quoted = (word: string): string => {
  const escaped = word.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return /[\s"'\\;$]/.test(word) ? `"${escaped.replaceAll('$', '$$$$')}"` : escaped
}

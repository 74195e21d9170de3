/** The readers of Linux's sources under fuzzing. */
import { type CollectorCounters, zeroCounters } from '../../platform/collector.ts'
import type { Event } from '../../platform/event.ts'
import { parseAnacrontab } from '../../platform/linux/anacrontab.ts'
import { auditStream } from '../../platform/linux/audit-stream.ts'
import { parseConntrackLine, payloadBytes } from '../../platform/linux/conntrack.ts'
import { parseCronLine } from '../../platform/linux/cron-log.ts'
import { parseHostsFile } from '../../platform/linux/hosts-file.ts'
import { parseJournalEntry } from '../../platform/linux/journal.ts'
import { parsePasswd } from '../../platform/linux/passwd.ts'
import { endpointsOf, parseProcNetRow } from '../../platform/linux/proc-net.ts'
import { parseCmdline, parseProcStat } from '../../platform/linux/proc-stat.ts'
import { outboundOf, parseSsRow } from '../../platform/linux/ss.ts'
import { parseCalendar } from '../../platform/linux/systemd-calendar.ts'
import { timerSchedule } from '../../platform/linux/systemd-timer.ts'
import { parseTimeSpan, parseUnit } from '../../platform/linux/systemd-unit.ts'
import { nextFire } from '../../platform/schedule-times.ts'
import { parseAtJob } from '../../platform/shared/at-job.ts'
import { parseCrontab } from '../../platform/shared/crontab.ts'
import { lineSplitter } from '../../platform/shared/lines.ts'
import { type FuzzTarget, must, pieces } from './target.ts'

const NOW_MS = Date.UTC(2026, 0, 15)
const READING = { nowMs: NOW_MS, timeZone: 'Europe/Berlin', mayBeUndated: true }
const PROC_NET =
  '   0: 0100A8C0:C350 08080808:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 39309 1'
const AUDIT = [
  'type=SYSCALL msg=audit(1700000000.100:7): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=9 auid=0 uid=0 comm="curl" exe="/usr/bin/curl" key=(null)',
  'type=EXECVE msg=audit(1700000000.100:7): argc=2 a0="curl" a1=687474703A2F2F78',
  'type=CWD msg=audit(1700000000.100:7): cwd="/root"',
  'type=PROCTITLE msg=audit(1700000000.100:7): proctitle=6375726C0068747470',
  'type=EOE msg=audit(1700000000.100:7): ',
  'type=SYSCALL msg=audit(1700000000.200:8): arch=c000003e syscall=42 success=no exit=-115 ppid=1 pid=9 uid=0 comm="curl" exe="/usr/bin/curl"',
  'type=SOCKADDR msg=audit(1700000000.200:8): saddr=020001BB08080808',
].join('\n')

/** Of the lines of an input, in pieces, what a stream of audit records makes. */
function readAudit(chunks: Iterable<Buffer>): { events: Event[]; counters: CollectorCounters } {
  const counters = zeroCounters()
  const stream = auditStream({ counters })
  const lines = lineSplitter(undefined, 'latin1')
  const events: Event[] = []
  for (const chunk of chunks) events.push(...stream.push(lines.push(chunk)))
  const rest = lines.flush()
  if (rest !== undefined) events.push(...stream.push([rest]))
  const { received, emitted, ignored, malformed, lost } = counters
  must(received === emitted + ignored + malformed + lost + stream.pending, 'the books agree')
  events.push(...stream.end())
  must(stream.pending === 0, 'nothing waits at the end')
  const sum = counters.emitted + counters.ignored + counters.malformed + counters.lost
  must(counters.received === sum, 'the books agree at the end')
  return { events, counters }
}

const text = (input: Buffer): string => input.toString('utf8')
const lines = (input: Buffer): string[] => text(input).split('\n')

export const LINUX_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'audit records',
    recordings: /^linux-auditd\/.*\.(log|txt)$/,
    made: [AUDIT],
    unit: 'file',
    run(input, random) {
      const whole = readAudit([input])
      const cut = readAudit(pieces(input, random))
      // Losses are told when they are known, and that depends on what came together.
      const told = (events: readonly Event[]) => events.filter(({ kind }) => kind !== 'loss')
      must(
        JSON.stringify(told(cut.events)) === JSON.stringify(told(whole.events)),
        'the same events wherever the bytes are split',
      )
      must(cut.counters.emitted === whole.counters.emitted, 'the same books')
    },
  },
  {
    name: 'cron log lines',
    recordings: /^linux-cron\/.*(log|syslog|messages|cron)[^/]*$/,
    made: ['Nov 24 18:30:01 host CRON[123]: (root) CMD (curl https://x)'],
    unit: 'line',
    run: (input) => void parseCronLine(text(input), READING),
  },
  {
    name: 'crontabs, anacrontabs and when they fire',
    recordings: /^linux-cron\/.*cron[^/]*$/,
    made: [
      'SHELL=/bin/sh\nCRON_TZ=Asia/Tokyo\n*/15 * * * mon root /opt/x % y\n@daily root z\n',
      '1 5 a b c\n',
    ],
    unit: 'file',
    run(input) {
      const options = { file: '/etc/crontab', dialect: 'debian' } as const
      const jobs = [
        ...parseCrontab(text(input), options).schedules,
        ...parseCrontab(text(input), { ...options, dialect: 'cronie', user: 'root' }).schedules,
        ...parseAnacrontab(text(input), { file: '/etc/anacrontab' }).schedules,
      ]
      for (const { timing } of jobs.slice(0, 3)) {
        if (timing !== undefined) nextFire(timing, NOW_MS, 'Europe/Berlin')
      }
    },
  },
  {
    name: 'at jobs',
    recordings: /^$/,
    made: [
      "#!/bin/sh\n# atrun uid=0 gid=0\n# mail root 0\ncd /root || {\n\t exit 1\n}\n/bin/sh << 'marcinDELIMITER1'\ncurl x\nmarcinDELIMITER1\n",
    ],
    unit: 'file',
    run: (input) => void parseAtJob(text(input), { file: '/var/spool/cron/atjobs/a0000101c8a1c7' }),
  },
  {
    name: 'journal entries',
    recordings: /^linux-cron\/.*json/,
    made: [
      '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1700000000000000","SYSLOG_IDENTIFIER":"CRON","MESSAGE":"(root) CMD (x)","_PID":"7"}',
    ],
    unit: 'line',
    run: (input) => void parseJournalEntry(text(input), () => 'a.timer'),
  },
  {
    name: 'systemd units and calendars',
    recordings: /^$/,
    made: [
      '[Timer]\nOnCalendar=Mon..Fri *-*-* 02:30:00 Europe/Berlin\nOnUnitActiveSec=1h 5min\nRandomizedDelaySec=30\n[Service]\nExecStart=-/opt/x %i\n',
      '*-*~1/2 */5:00/10:00.5',
    ],
    unit: 'file',
    run(input) {
      const unit = parseUnit([text(input)])
      timerSchedule({ name: 'a@b.timer', timer: unit, service: unit, file: '/etc/a.timer' })
      parseCalendar(text(input))
      parseTimeSpan(text(input))
    },
  },
  {
    name: 'conntrack',
    recordings: /^linux-procnet\/.*conntrack/,
    made: [
      'tcp 6 431999 ESTABLISHED src=198.51.100.1 dst=198.51.100.2 sport=4000 dport=443 packets=9 bytes=999 src=198.51.100.2 dst=198.51.100.1 sport=443 dport=4000 packets=5 bytes=500 [ASSURED] mark=0 use=1',
    ],
    unit: 'line',
    run(input) {
      const flow = parseConntrackLine(text(input))
      if (!flow.ok || flow.value === undefined) return
      const bytes = payloadBytes(flow.value.transport, flow.value.original)
      must(bytes === undefined || bytes >= 0, 'no negative payload')
    },
  },
  {
    name: '/proc/net, ss, stat, cmdline',
    recordings: /^linux-procnet\//,
    made: [
      PROC_NET,
      'ESTAB 0 0 198.51.100.1:4000 198.51.100.2:443 uid:1000 ino:99 sk:1 <->',
      '9 (a) b) S 1 2 3',
    ],
    unit: 'line',
    run(input) {
      const row = parseProcNetRow(text(input))
      if (row.ok) endpointsOf(row.value)
      outboundOf(
        lines(input).flatMap((line) => {
          const socket = parseSsRow(line)
          return socket.ok ? [socket.value] : []
        }),
      )
      parseProcStat(text(input))
      parseCmdline(text(input))
    },
  },
  {
    name: 'passwd and hosts',
    recordings: /^$/,
    made: ['root:x:0:0:root:/root:/bin/sh\n', '198.51.100.2 files.example # x\n'],
    unit: 'file',
    run(input) {
      parsePasswd(text(input))
      parseHostsFile(text(input))
    },
  },
]

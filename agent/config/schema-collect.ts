/** The settings of the senses and of the correlator: `collect:` and `correlate:`. */
import * as z from 'zod'
import { macos } from './schema-macos.ts'
import { windows } from './schema-windows.ts'
import { duration, flag, pathOr, paths, polled } from './setting.ts'

const audit = z.strictObject({
  enabled: flag(true, 'The best source of processes and connections on Linux'),
  socketPaths: paths(
    ['/run/audit/audispd_events', '/var/run/audispd_events'],
    "Where auditd's af_unix plugin may listen; the first that answers is read",
  ),
  logPath: pathOr(
    '/var/log/audit/audit.log',
    'Followed where no socket answers; it lags behind by what auditd buffers',
  ),
})

const cron = z.strictObject({
  enabled: flag(true, 'Tells which crontab line ran, and when'),
  logPaths: paths(
    ['/var/log/cron.log', '/var/log/cron', '/var/log/syslog', '/var/log/messages'],
    'The first that can be read is followed; distributions differ',
  ),
})

const journal = z.strictObject({
  enabled: flag(true, 'Serves for the cron log where the host keeps no such file'),
})

const linux = z
  .strictObject({
    audit: audit.prefault({}),
    cron: cron.prefault({}),
    journal: journal.prefault({}),
    schedules: polled(
      '1m',
      'Reads crontabs, timers and at jobs, so that a rhythm can be laid to its job',
      'Time between looks at the definitions; a job shorter-lived than this is missed',
    ).prefault({}),
    procNet: polled(
      '2s',
      'Sees connections without auditd and without root',
      'Time between reads of /proc/net; a closed connection shows for 60 s more, without its owner',
    ).prefault({}),
    conntrack: polled(
      '5s',
      'Tells the bytes of a connection when it ends, where the kernel counts them',
      "Time between reads of the kernel's table, where its events cannot be had",
    ).prefault({}),
    socketInfo: polled(
      '5s',
      'Tells the bytes of connections that are still open',
      'Time between reads; a connection shorter than this is left to conntrack',
    ).prefault({}),
    processes: polled(
      '5s',
      'Keeps lineage where no audit record tells of process starts',
      'Time between reads of the process table',
    ).prefault({}),
  })
  .prefault({})

export const collect = z.strictObject({ linux, macos, windows }).prefault({})

export const correlate = z
  .strictObject({
    runQuiet: duration(
      '2s',
      ['100ms', '10m'],
      'Connections of a run that are closer are one transfer; above 5s it would join short beacons',
    ),
    includeLoopback: flag(false, 'Whether a connection to this host itself is a transfer'),
    includeLinkLocal: flag(false, 'Whether a connection to a link-local address is a transfer'),
    includeMulticast: flag(
      false,
      'Whether a packet to a multicast or broadcast address is a transfer',
    ),
    includePrivate: flag(
      true,
      'Whether a private address is a destination; data is staged inside before it leaves',
    ),
  })
  .prefault({})

import t from 'tap'
import { linuxSyslog } from '../../../../agent/hunt/formats/linux-syslog.ts'
import { connectLines } from '../../../support/audit-lines.ts'
import { readFormat } from '../../../support/read-format.ts'

const SYSMON =
  '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Linux-Sysmon"/><EventID>3</EventID><TimeCreated SystemTime="2026-11-24T18:00:01.000Z"/><Computer>web2</Computer></System><EventData><Data Name="UtcTime">2026-11-24 18:00:01.000</Data><Data Name="ProcessId">7</Data><Data Name="Image">/usr/bin/curl</Data><Data Name="Protocol">tcp</Data><Data Name="Initiated">true</Data><Data Name="SourceIp">10.0.0.5</Data><Data Name="SourcePort">4</Data><Data Name="DestinationIp">203.0.113.9</Data><Data Name="DestinationPort">443</Data></EventData></Event>'

t.test('what several senses write to one syslog is read, all else ignored', async (t) => {
  const audit = connectLines(1_700_000_000_000, 1).map(
    (line) => `Nov 24 18:00:03 web1 audisp-syslog[9]: ${line}`,
  )
  const text = [
    'Nov 24 18:00:01 web1 CRON[77]: (root) CMD (/opt/backup.sh)',
    'Nov 24 18:00:02 web1 sshd[8]: Accepted publickey',
    `Nov 24 18:00:01 web1 sysmon: ${SYSMON}`,
    ...audit,
    'no stamp',
  ].join('\n')
  const { events, counts, faults } = readFormat(linuxSyslog, text)
  t.match(events, [
    {
      host: 'web1',
      event: {
        // Berlin is an hour ahead of UTC then; the year is that of the file.
        ...{ kind: 'schedule-run', atMs: Date.UTC(2026, 10, 24, 17, 0, 1) },
        ...{ command: '/opt/backup.sh', process: { pid: 77 }, dataset: 'linux.cron_log' },
      },
    },
    { host: 'web2', event: { kind: 'connection', destination: { ip: '203.0.113.9' } } },
    { host: 'web1', event: { kind: 'connection', destination: { ip: '192.0.2.7' } } },
  ])
  t.match(counts, { rows: 7, connections: 2, malformed: 1 })
  t.match(faults, [{ line: 7, reason: /time/ }])
})

t.test('a record that auditd’s plugin cuts short is told', async (t) => {
  const { faults } = readFormat(linuxSyslog, `Nov 24 18:00:01 a sysmon: ${SYSMON.slice(0, 300)}`)
  t.equal(faults.length, 1)
})

t.test('BusyBox writes no time and no host', async (t) => {
  const { events } = readFormat(linuxSyslog, 'USER root pid   7 cmd /a\n')
  t.match(events, [{ host: '', event: { kind: 'schedule-run', process: { pid: 7 } } }])
})

import t from 'tap'
import { linuxJournal } from '../../../../agent/hunt/formats/linux-journal.ts'
import { readFormat } from '../../../support/read-format.ts'

const entry = (fields: object): string =>
  JSON.stringify({
    __CURSOR: 'c',
    __REALTIME_TIMESTAMP: '1700000000000000',
    _HOSTNAME: 'web1',
    _UID: '0',
    ...fields,
  })

t.test('jobs that cron logs, and Sysmon’s events', async (t) => {
  const sysmon =
    '<Event><System><Provider Name="Linux-Sysmon"/><EventID>5</EventID><TimeCreated SystemTime="2026-11-24T18:00:01Z"/><Computer>web1</Computer></System><EventData><Data Name="UtcTime">2026-11-24 18:00:01.000</Data><Data Name="ProcessId">7</Data></EventData></Event>'
  const text = [
    entry({ SYSLOG_IDENTIFIER: 'CRON', _PID: '7', MESSAGE: '(root) CMD (/a)' }),
    entry({ SYSLOG_IDENTIFIER: 'sysmon', MESSAGE: sysmon }),
    entry({ SYSLOG_IDENTIFIER: 'sshd', MESSAGE: 'says <Event' }),
    '{"__REALTIME_TIMESTAMP":',
  ].join('\n')
  const { events, counts, faults } = readFormat(linuxJournal, text)
  t.match(events, [
    {
      host: 'web1',
      event: { kind: 'schedule-run', atMs: 1_700_000_000_000, command: '/a', process: { pid: 7 } },
    },
    { host: 'web1', event: { kind: 'process-end', process: { pid: 7 } } },
  ])
  t.match(counts, { rows: 4, ignored: 1, malformed: 1 })
  t.match(faults, [{ line: 4 }])
})

import t from 'tap'
import { macosUnifiedLog } from '../../../../agent/hunt/formats/macos-unified-log.ts'
import { beginLine, logLine, spawnLine, taskLine, upLine } from '../../../support/log-lines.ts'
import { readFormat } from '../../../support/read-format.ts'

t.test('jobs, and connections with their masks and bytes', async (t) => {
  const text = [
    'Filtering the log data using "process == 1"',
    spawnLine('com.x.up', 70),
    beginLine(1, 'Hostname#38445e48:443'),
    upLine('1.1.1', 'IPv4#03906bbc:443'),
    taskLine(1, 900, 50),
    logLine({ message: 'nothing of note' }),
    'half a li',
  ].join('\n')
  const { events, counts, faults } = readFormat(macosUnifiedLog, text)
  t.match(
    events.map(({ event }) => event),
    [
      { kind: 'schedule-run', scheduleId: 'com.x.up', process: { pid: 70 } },
      { kind: 'connection', destination: { ip: 'masked:Hostname#38445e48', port: 443 } },
      { kind: 'connection', sentBytes: 900, receivedBytes: 50 },
    ],
  )
  // The text, the connection's beginning and the note tell nothing by themselves.
  t.match(counts, { rows: 7, connections: 2, ignored: 3, malformed: 1 })
  t.match(faults, [{ line: 7, reason: /neither an entry/ }])
})

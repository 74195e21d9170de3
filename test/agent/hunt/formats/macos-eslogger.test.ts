import t from 'tap'
import { macosEslogger } from '../../../../agent/hunt/formats/macos-eslogger.ts'
import { esloggerLine } from '../../../support/eslogger-lines.ts'
import { readFormat } from '../../../support/read-format.ts'

const exec = (args: readonly string[], path: string, seq: number) =>
  esloggerLine({ type: 'exec', subject: { pid: 70, path }, args, seq, globalSeq: seq })

t.test('processes, and runs of jobs that somebody added', async (t) => {
  const text = [
    exec(['xpcproxy', 'com.x.up'], '/usr/libexec/xpcproxy', 0),
    exec(['xpcproxy', 'com.apple.sealed'], '/usr/libexec/xpcproxy', 1),
    exec(['/opt/up'], '/opt/up', 4),
    esloggerLine({ type: 'open' }),
    '{"cut',
  ].join('\n')
  const { events, counts, faults } = readFormat(macosEslogger, text)
  t.match(
    events.map(({ host, event }) => [host, event.kind]),
    [
      ['', 'process-start'],
      ['', 'schedule-run'],
      ['', 'process-start'],
      ['', 'loss'],
      ['', 'process-start'],
    ],
  )
  t.match(events[1]?.event, { scheduler: 'launchd', scheduleId: 'com.x.up' })
  t.match(counts, { rows: 5, ignored: 1, malformed: 1, missing: 2 })
  t.strictSame(faults, [{ line: 5, reason: 'not a JSON object' }])
})

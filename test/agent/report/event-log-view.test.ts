import t from 'tap'
import { eventLogView } from '../../../agent/report/event-log-view.ts'
import { aFinding, aStatus } from '../../support/status.ts'

function told(level: 'error' | 'warn' | 'info') {
  const lines: string[] = []
  const view = eventLogView(
    (rank, text) => lines.push(`${rank} ${text}`),
    level,
    () => 0,
  )
  view.message('started\u001b[2J')
  view.collectors(aStatus.collectors)
  view.findings([aFinding])
  view.findings([aFinding])
  view.close()
  return lines
}

t.test('one event a change; what needs a person is a warning', async (t) => {
  const lines = told('info')
  t.match(lines, [
    /^info started/,
    /^info linux\.audit: running \(/,
    /^warn [\w.]+: degraded \(/,
    /^warn alert: .* sends to .*; risk \d+$/,
  ])
  t.equal(lines.length, 4)
  t.notMatch(lines.join(''), '\u001b', 'nothing that a terminal would obey')
})

t.test('the level of the log counts', async (t) => {
  t.match(told('warn'), [/^warn/, /^warn/])
  t.equal(told('warn').length, 2)
  t.strictSame(told('error'), [])
})

import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { logView, terminalView } from '../../../agent/report/live-view.ts'
import { displayWidth, painted } from '../../../agent/report/text.ts'
import { aFinding, aStatus, NOW_MS } from '../../support/status.ts'

/** An output that remembers, and a clock that stands until it is set. */
function recorder(columns = 140, rows = 30) {
  const state = { nowMs: NOW_MS, written: [] as string[] }
  const options = {
    now: () => state.nowMs,
    write: (text: string) => void state.written.push(text),
    paint: painted,
    size: () => ({ columns, rows }),
  }
  return { state, options }
}

t.test('a log has a line a change, and none where nothing changed', async (t) => {
  const { state, options } = recorder()
  const view = logView(options)
  view.collectors(aStatus.collectors)
  view.collectors(aStatus.collectors)
  view.findings([aFinding])
  view.findings([{ ...aFinding, beats: 43 }])
  view.message('database opened')
  t.strictSame(state.written, [
    '2026-11-24 18:00:00Z  linux.audit: running (auditd records)\n',
    '2026-11-24 18:00:00Z  linux.conntrack: degraded: accounting is off; sysctl net.netfilter.nf_conntrack_acct=1\n',
    '2026-11-24 18:00:00Z  alert: /opt/jobs/collect.sh sends to drop.example.net:443 every 15 min; risk 83, 42 beats, last 3 min ago\n',
    '2026-11-24 18:00:00Z  database opened\n',
  ])
  view.collectors(aStatus.collectors.map((it) => ({ ...it, state: 'lost', reason: 'gone' })))
  view.findings([{ ...aFinding, form: 'hourly' }])
  t.equal(state.written.length, 7)
})

t.test('a log line is one line, whatever a process calls itself', async (t) => {
  const { state, options } = recorder()
  logView(options).findings([{ ...aFinding, actor: 'x\n2026 alert: forged\u001b[2J' }])
  t.equal(state.written.join('').split('\n').length, 2)
  t.notMatch(state.written.join(''), '\u001b')
})

t.test('a terminal is redrawn in place, at most once a second', async (t) => {
  const { state, options } = recorder()
  const view = terminalView(options)
  view.collectors(aStatus.collectors)
  const first = state.written.length
  view.findings([aFinding])
  t.equal(state.written.length, first, 'held back')
  state.nowMs += 1_000
  view.findings([aFinding])
  t.equal(state.written.length, first + 1)
  const [before = '', after = ''] = state.written.slice(-2)
  t.ok(after.startsWith(`\u001b[${before.split('\n').length - 1}A\r\u001b[J`), 'over the last one')
  t.match(stripVTControlCharacters(after), 'drop.example.net:443')
})

t.test('the cursor is hidden and given back, and the last word is drawn', async (t) => {
  const { state, options } = recorder()
  const view = terminalView(options)
  view.collectors(aStatus.collectors)
  view.message('stopping')
  t.equal(state.written[0], '\u001b[?25l')
  view.close()
  t.match(state.written.at(-2), 'stopping')
  t.equal(state.written.at(-1), '\u001b[?25h')
})

t.test('never wraps a line nor scrolls the screen', async (t) => {
  const { state, options } = recorder(40, 8)
  const view = terminalView(options)
  view.message('日本'.repeat(40))
  state.nowMs += 1_000
  view.collectors(aStatus.collectors)
  const lines = stripVTControlCharacters(state.written.at(-1) ?? '')
    .replace('\r', '')
    .trimEnd()
    .split('\n')
  t.ok(lines.length <= 7, `${lines.length} lines`)
  for (const line of lines) t.ok(displayWidth(line) <= 40, line)
})

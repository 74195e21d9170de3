import t from 'tap'
import { collectorLines, statusView } from '../../../agent/report/status-view.ts'
import { aStatus, NOW_MS } from '../../support/status.ts'

const linesOf = (status = aStatus) => statusView(status, { nowMs: NOW_MS })
const fact = (lines: readonly string[], name: string) =>
  lines.find((line) => line.startsWith(name))?.slice(12)

t.test('tells how the agent is, line by line', async (t) => {
  const lines = linesOf()
  const facts = {
    agent: 'degraded (degraded: linux.conntrack)',
    version: '0.1.0',
    host: 'web1 (Debian GNU/Linux 12, id f00)',
    running: '3 h 20 min, started 2026-11-24 14:40:00Z, pid 4711',
    process: '80 MiB memory, 0.35 % of a core, 42 s CPU since start',
    data: '/var/lib/tidewatch',
    database: '20 MiB of 256 MiB (8 %)',
    events: '60,007 stored, 2026-11-24 14:56:40Z to 2026-11-24 17:59:59Z',
    series: '17 tracked; 1 recurring, 3 known, 0 allowed; 0 evicted',
    alerts: '1 waiting, 4 sent',
    output: 'https://es.example.org:9200; last answer 200 OK, 1 min ago',
  }
  for (const [name, text] of Object.entries(facts)) t.equal(fact(lines, name), text, name)
})

t.test('each collector has a row with its counters, and its reason in full', async (t) => {
  const lines = collectorLines(aStatus.collectors, { nowMs: NOW_MS, width: 40 })
  t.match(lines[1], /^linux\.audit +running +120,034 +60,000 +60,034 +0 +0 +0 +0$/)
  t.match(lines[2], /^linux\.conntrack +degraded +10 +7 +0 +1 +2 +3 +1$/)
  t.strictSame(lines.slice(3), [
    'linux.conntrack: accounting is off;',
    '  sysctl',
    '  net.netfilter.nf_conntrack_acct=1',
  ])
})

t.test('an agent that does not run says when it did', async (t) => {
  const { pid: _, process: __, ...rest } = aStatus
  const lines = linesOf({ ...rest, isRunning: false })
  t.equal(fact(lines, 'agent'), 'down (the agent does not run)')
  t.equal(fact(lines, 'running'), 'no; last started 2026-11-24 14:40:00Z')
  t.equal(fact(lines, 'process'), undefined)
})

t.test('an empty database and no endpoint are told in words', async (t) => {
  const { oldestEventMs: _, newestEventMs: __, ...store } = aStatus.store
  const lines = linesOf({
    ...aStatus,
    collectors: [],
    findings: [],
    outputs: [],
    store: { ...store, events: 0, alerts: { waiting: 0, sent: 0 }, deadLetters: 2 },
  })
  t.equal(fact(lines, 'events'), '0 stored')
  t.equal(fact(lines, 'output'), 'none configured; alerts stay on this host')
  t.match(fact(lines, 'alerts'), '2 refused for good')
  t.ok(lines.includes('No collector has run.'))
  t.ok(lines.includes('No recurring transfers found.'))
})

t.test('several outputs are told by name, and what they refused with the reason', async (t) => {
  const archive = { name: 'archive', place: '/var/log/tw.ndjson', failuresInRow: 0 }
  const letter = { output: 'main', id: 'a1', revision: 2, reason: 'no date', atMs: NOW_MS - 60_000 }
  const lines = linesOf({
    ...aStatus,
    outputs: [...aStatus.outputs, archive],
    deadLetters: [letter],
  })
  const outputs = lines.filter((line) => line.startsWith('output '))
  t.match(outputs, [/^output +main: https:/, /^output +archive: \/var.*no answer yet$/])
  t.equal(fact(lines, 'refused'), 'main refused a1 1 min ago: no date')
})

t.test('nothing that a host or server says reaches the terminal as it is', async (t) => {
  const evil = '\u001b]0;owned\u0007\n'
  const lines = linesOf({
    ...aStatus,
    host: { name: evil, os: evil },
    dataDir: evil,
    outputs: [{ name: evil, place: evil, lastAnswer: evil, failuresInRow: 4 }],
    deadLetters: [{ output: evil, id: evil, revision: 1, reason: evil, atMs: 0 }],
    collectors: aStatus.collectors.map((it) => ({ ...it, dataset: evil, reason: evil })),
  })
  for (const line of lines) t.notMatch(line, /\p{Cc}/u)
})

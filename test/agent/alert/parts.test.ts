import t from 'tap'
import { alertParts } from '../../../agent/alert/parts.ts'
import type { Transfer } from '../../../agent/correlate/transfer.ts'
import { finding, MINUTE_MS, START_MS } from '../../support/findings.ts'

const episode = {
  startMs: START_MS,
  lastMs: START_MS,
  beats: 12,
  periodMs: MINUTE_MS,
  model: 'clock' as const,
}
const input = { ...finding, id: 'i', createdMs: START_MS, nowMs: START_MS, episode }

t.test('the first part fits by itself, whatever the host says', async (t) => {
  const long = '\u0000'.repeat(10_000)
  const identity = { ...finding.identity, key: long, actor: long, destinationDomain: long }
  const [first] = alertParts(
    { ...input, id: long, identity, host: { ...finding.host, name: long } },
    '9.0.0',
  )
  t.ok(Buffer.byteLength(JSON.stringify(first)) < 1_800)
})

t.test('severity is a band of the risk', async (t) => {
  const severityAt = (score: number) => {
    const [first] = alertParts({ ...input, risk: { ...finding.risk, score } }, '9.0.0')
    return JSON.parse(JSON.stringify(first)).event.severity
  }
  t.strictSame([40, 46, 47, 72, 73, 89, 90, 100].map(severityAt), [1, 1, 2, 2, 3, 3, 4, 4])
})

t.test('values of evidence are text, since an index takes one type a field', async (t) => {
  const text = JSON.stringify(alertParts(input, '9.0.0'))
  t.match(text, /"value":"0\.99"/)
})

t.test('a masked destination is an address in words, and no ip', async (t) => {
  const mask = 'masked:Hostname#38445e48'
  const { destinationDomain: _, ...identity } = { ...finding.identity, destinationIp: mask }
  const { transfer: _transfer, ...rest } = input
  const text = JSON.stringify(
    alertParts({ ...rest, identity: { ...identity, sourceIp: mask } }, '9.0.0'),
  )
  t.match(text, `"address":"${mask}"`)
  t.notMatch(text, `"ip":"${mask}`)
  t.notMatch(text, `"ip":["${mask}`)
})

t.test('on Windows a task is told by its path, and a process by its command line', async (t) => {
  const schedule = {
    ...{ id: '\\Sync', scheduler: 'task-scheduler' as const, trigger: 'x'.repeat(500) },
    ...{ command: 'a.exe', isHidden: true as const },
  }
  const commandLine = `a.exe ${'y'.repeat(400)}`
  const lineage = [{ pid: 7, entityId: '{1}', executable: 'C:\\a.exe', commandLine }]
  const transfer = { ...(finding.transfer as Transfer), schedule, lineage }
  const parts = alertParts({ ...input, transfer }, '9.0.0')
  const at = (part: object) =>
    parts.findIndex((one) => JSON.stringify(one) === JSON.stringify(part))
  const task = at({ tidewatch: { schedule: { scheduler: 'task-scheduler', id: '\\Sync' } } })
  t.ok(task > 0)
  t.match(parts[task + 1], { tidewatch: { schedule: { hidden: true, command: 'a.exe' } } })
  const texts = parts.map((part) => JSON.stringify(part))
  const line = texts.find((text) => text.startsWith('{"process":{"command_line":"a.exe yyy'))
  t.ok((line?.length ?? 999) < 280, 'cut off')
})

import t from 'tap'
import { huntDocument, huntLine } from '../../../agent/hunt/document.ts'
import type { HuntFinding } from '../../../agent/hunt/findings.ts'
import { aFinding } from '../../support/hunt-finding.ts'

t.test('a finding is a document of ECS', async (t) => {
  t.match(huntDocument(aFinding()), {
    '@timestamp': '2026-11-24T18:00:00.000Z',
    event: { dataset: 'zeek.connection', risk_score: 40, start: '2026-11-24T08:00:00.000Z' },
    source: { ip: '10.0.0.5', bytes: 76_000 },
    destination: { ip: '203.0.113.9', port: 443, domain: 'cdn.example', bytes: 310_650 },
    network: { transport: 'tcp', direction: 'outbound' },
    threat: { technique: { id: ['T1029'] } },
    beacon: {
      verdict: 'recurring',
      score: 0.97,
      is_finding: true,
      form: 'every 10 min',
      period_ms: 600_000,
      jitter: 0.28,
      observations: 60,
      evidence: [{ name: 'sleep_rhythm', value: '1034', weight: 8, p_value: 0.001 }],
    },
  })
})

/** As a host tells it: who sent, and not how much. */
const told = aFinding({
  sentBytes: 0,
  receivedBytes: 0,
  sender: {
    host: 'pc-1',
    place: '.',
    transfer: {
      seriesKey: 'k',
      startMs: 0,
      endMs: 0,
      connections: 1,
      actor: 'C:\\a.exe',
      user: { name: 'DOM\\ann' },
      destination: { ip: '203.0.113.9', port: 443 },
      lineage: [{ entityId: '{A}', pid: 7, executable: 'C:\\a.exe' }],
      datasets: ['windows.sysmon'],
    },
  },
})

t.test('a host tells who sent', async (t) => {
  const document = JSON.parse(huntLine(told))
  t.match(document, {
    event: { dataset: 'windows.sysmon' },
    host: { name: 'pc-1' },
    process: { executable: 'C:\\a.exe', pid: 7, entity_id: '{A}' },
    user: { name: 'DOM\\ann' },
  })
  t.notOk('bytes' in document.source, 'what nobody counted is no 0')
  t.notOk('bytes' in document.destination)
})

t.test('what is not known is not there', async (t) => {
  const { series } = aFinding()
  const undecided: HuntFinding = {
    ...aFinding(),
    series: { ...series, domain: undefined },
    assessment: { ...aFinding().assessment, verdict: 'undecided', periods: [] },
    leftOut: 'undecided',
  }
  const document = JSON.parse(huntLine(undecided))
  t.notOk('domain' in document.destination)
  t.notOk('period_ms' in document.beacon)
  t.match(document.beacon, { is_finding: false, left_out: 'undecided', periods: [] })
})

t.test('a line drives no terminal, and says the same', async (t) => {
  const domain = 'a\u001b[2J\u009b31m\u202egpj.example\u2028\u{e0041}\n'
  const line = huntLine(aFinding({ domain }))
  t.notMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  t.equal(JSON.parse(line).destination.domain, domain)
})

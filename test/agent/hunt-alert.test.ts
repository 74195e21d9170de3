import t from 'tap'
import { huntAlert } from '../../agent/hunt-alert.ts'
import { aFinding } from '../support/hunt-finding.ts'

const documentOf = (finding: ReturnType<typeof aFinding>) => JSON.parse(huntAlert(finding) ?? '{}')

t.test('a finding is the alert that a live agent would have sent', async (t) => {
  t.match(documentOf(aFinding()), {
    event: { kind: 'alert', dataset: 'tidewatch.alert', risk_score: 40 },
    rule: { id: 'AN1119' },
    threat: { technique: { id: ['T1029'] } },
    destination: { ip: '203.0.113.9', domain: 'cdn.example', port: 443 },
    source: { ip: '10.0.0.5' },
    host: { name: '10.0.0.5', ip: ['10.0.0.5'] },
    tidewatch: { beats: 60, period_ms: 600_000, form: 'every 10 min' },
  })
})

t.test('the host is the one that its records name', async (t) => {
  const transfer = {
    ...{ seriesKey: 'k', startMs: 0, endMs: 0, connections: 1, datasets: ['linux.audit'] },
    ...{ actor: '/opt/a.sh', destination: { ip: '203.0.113.9', port: 443 } },
    lineage: [{ entityId: 'e', pid: 7, executable: '/usr/bin/curl' }],
  }
  const document = documentOf(
    aFinding({ sourceIp: '0.0.0.0', sender: { host: 'web1', place: '.', transfer } }),
  )
  t.match(document, {
    host: { name: 'web1', os: { type: 'linux' } },
    process: { executable: '/usr/bin/curl' },
    tidewatch: { actor: '/opt/a.sh' },
  })
  t.strictSame(document.host.ip, [], 'an address that nobody told is none')
})

t.test('the same recording gives the same id, another start another', async (t) => {
  t.equal(documentOf(aFinding()).event.id, documentOf(aFinding()).event.id)
  const finding = aFinding()
  const later = { ...finding, assessment: { ...finding.assessment, firstMs: 1 } }
  t.not(documentOf(later).event.id, documentOf(finding).event.id)
})

t.test('what does not recur is no alert', async (t) => {
  const finding = aFinding()
  t.equal(huntAlert({ ...finding, assessment: { ...finding.assessment, periods: [] } }), undefined)
})

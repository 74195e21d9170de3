import t from 'tap'
import { textOf } from '../../../agent/correlate/transfer-text.ts'
import { toldOfHunt, toldOfStore } from '../../../agent/report/told-finding.ts'
import type { Finding } from '../../../storage/alert.ts'
import { assessment, identity, START_MS, transfer } from '../../support/findings.ts'
import { aFinding } from '../../support/hunt-finding.ts'

const finding: Finding = {
  ...{ seriesKey: identity.key, assessedMs: START_MS, score: 0.98, risk: 83 },
  verdict: 'recurring',
  disposition: 'alert',
  detail: JSON.stringify({ assessment, risk: { factors: [{ name: 'f' }] } }),
}

t.test('of the store: the finding, its series and its latest transfer', async (t) => {
  const told = toldOfStore(finding, {
    identity,
    observations: [
      { atMs: START_MS, connections: 1, sentBytes: 5 },
      { atMs: START_MS + 60_000, connections: 1 },
    ],
    ...{ gaps: [], firstSeenMs: START_MS, totalObservations: 70 },
    isRecurring: true,
    ...textOf(transfer),
  })
  t.match(told, {
    ...{ id: identity.key, actor: '/opt/backup.sh', beats: 70, sentBytes: 5, isStarter: true },
    destination: { name: '203.0.113.9', ip: '203.0.113.9', port: 443, transport: 'tcp' },
    ...{ lastMs: START_MS + 60_000, user: { name: 'root' }, form: 'every 60 s' },
    schedule: { file: '/etc/cron.d/backup' },
    lineage: [{ pid: 813 }, { pid: 812 }, { pid: 1 }],
    factors: [{ name: 'f' }],
  })
  t.notOk('receivedBytes' in told, 'nobody counted')
})

t.test('what an older agent wrote, or nobody any more, is no crash', async (t) => {
  for (const detail of ['{}', 'no JSON', '[]']) {
    const told = toldOfStore({ ...finding, detail }, undefined)
    t.match(told, { risk: 83, evidence: [], lineage: [], destination: { name: 'unknown' } })
  }
})

t.test('of a hunt: a network knows addresses, a host more', async (t) => {
  const network = toldOfHunt(aFinding(), 2)
  t.match(network, {
    ...{ id: '3', sourceIp: '10.0.0.5', direction: 'outbound', beats: 60, sentBytes: 76_000 },
    destination: { name: 'cdn.example', ip: '203.0.113.9' },
  })
  t.equal(network.observations.length, 60)
  const sender = { host: 'web1', place: '.', transfer }
  const host = toldOfHunt(
    aFinding({ sourceIp: '0.0.0.0', sender, sentBytes: 0, receivedBytes: 0 }),
    0,
  )
  t.match(host, { host: 'web1', actor: '/opt/backup.sh', isStarter: true })
  t.notOk('sourceIp' in host || 'sentBytes' in host, 'what nobody told')
})

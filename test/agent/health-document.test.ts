import t from 'tap'
import type { AgentStatus } from '../../agent/control/status.ts'
import { healthDocument } from '../../agent/health-document.ts'
import { host as aHost } from '../support/findings.ts'
import { aStatus, NOW_MS } from '../support/status.ts'

const documentOf = (status: AgentStatus = aStatus, rest = {}) => {
  const input = { status, host: aHost, nowMs: NOW_MS, intervalMs: 300_000, ...rest }
  const parcel = healthDocument(input)
  return { parcel, document: JSON.parse(parcel.document) }
}

t.test('says who, since when and how it is', async (t) => {
  const { document } = documentOf(aStatus, { lagMs: 1_234.5 })
  t.match(document, {
    '@timestamp': '2026-11-24T18:00:00.000Z',
    event: { kind: 'metric', dataset: 'tidewatch.health', start: '2026-11-24T14:40:00.000Z' },
    agent: { type: 'tidewatch', version: '0.1.0' },
    process: { pid: 4711 },
    host: { name: aHost.name },
    tidewatch: {
      health: {
        state: 'degraded',
        reasons: ['degraded: linux.conntrack'],
        interval_ms: 300_000,
        uptime_ms: 12_000_000,
        lag_ms: 1_235,
        records: { received: 120_044, lost: 2, missed: 3, malformed: 1 },
        collectors: {
          running: 1,
          degraded: 1,
          lost: 0,
          restarts: 1,
          impaired: ['linux.conntrack'],
        },
        memory: { rss_bytes: 80 * 2 ** 20 },
        store: { events: 60_007 },
        alerts: { waiting: 1, sent: 4, dead_letters: 0 },
        outputs: { configured: 1 },
      },
    },
  })
  t.notOk('away' in document.tidewatch.health.outputs)
  t.notOk('shed' in document.tidewatch.health)
})

t.test('says what was left out in a flood', async (t) => {
  const { document } = documentOf({ ...aStatus, shed: { events: 12_345, cap: 20 } })
  t.match(document.tidewatch.health, {
    shed: { events: 12_345, cap: 20 },
    reasons: ['degraded: linux.conntrack', /^a flood: 12345 events .* left out/],
  })
})

t.test('each document has an id of its own, each run of the agent too', async (t) => {
  const one = documentOf()
  const later = documentOf(aStatus, { nowMs: NOW_MS + 1 })
  const restarted = documentOf({ ...aStatus, startedMs: NOW_MS - 5 })
  t.equal(documentOf().parcel.id, one.parcel.id)
  t.not(later.parcel.id, one.parcel.id)
  t.equal(later.document.agent.ephemeral_id, one.document.agent.ephemeral_id)
  t.not(restarted.document.agent.ephemeral_id, one.document.agent.ephemeral_id)
})

t.test('stays small and on one line, whatever the host is called', async (t) => {
  const evil = `\n${'é'.repeat(5_000)}`
  const { process: _, pid: __, ...rest } = aStatus
  const { parcel } = documentOf(
    {
      ...rest,
      version: evil,
      collectors: Array.from({ length: 50 }, (_, i) => ({
        ...(aStatus.collectors[1] as AgentStatus['collectors'][number]),
        dataset: `${evil}${i}`,
      })),
      outputs: Array.from({ length: 50 }, (_, i) => ({
        ...{ name: `${evil}${i}`, place: '', failuresInRow: 9 },
      })),
    },
    { host: { ...aHost, id: evil, name: evil, ip: Array(99).fill('203.0.113.7') } },
  )
  t.ok(Buffer.byteLength(parcel.document) < 4_000, `${Buffer.byteLength(parcel.document)} bytes`)
  t.notMatch(parcel.document, /\n/)
})

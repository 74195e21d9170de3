import type { ToldFinding } from '../../agent/report/told-finding.ts'
import { assessment, cronJob, START_MS, transfer } from './findings.ts'

/** What `findings.ts` makes up, as a person is told of it. */
export const aTold = (change: Partial<ToldFinding> = {}): ToldFinding => ({
  ...{ id: '5f2c9a7be1d04c33', verdict: 'recurring', risk: 83, disposition: 'alert', score: 0.98 },
  ...{ form: 'every 60 s', periods: assessment.periods, actor: '/opt/backup.sh' },
  user: { id: '0', name: 'root' },
  destination: { name: 'drop.example', ip: '203.0.113.9', port: 443, transport: 'tcp' },
  sourceIp: '198.51.100.4',
  ...{ firstMs: START_MS, lastMs: START_MS + 11 * 60_000, beats: 12 },
  next: { atMs: START_MS + 12 * 60_000, toleranceMs: 2_000 },
  observations: Array.from({ length: 12 }, (_, i) => ({
    ...{ atMs: START_MS + i * 60_000, connections: 1, sentBytes: 64_000 + i, receivedBytes: 300 },
  })),
  ...{ gaps: [], sentBytes: 768_066, receivedBytes: 3_600 },
  ...{ schedule: cronJob, isStarter: true, lineage: transfer.lineage, datasets: ['linux.audit'] },
  evidence: assessment.evidence,
  factors: [{ name: 'volume', value: 768_066, meaning: 'Bytes sent in all', weight: 13 }],
  ...change,
})

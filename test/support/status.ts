import type { AgentStatus, FindingSummary } from '../../agent/control/status.ts'
import { zeroCounters } from '../../platform/collector.ts'
import type { StoredAlert } from '../../storage/alert.ts'

/** 2026-11-24 18:00:00Z; figures below are relative to it. */
export const NOW_MS = Date.UTC(2026, 10, 24, 18)

export const aFinding: FindingSummary = {
  seriesKey: 's1',
  disposition: 'alert',
  risk: 83,
  score: 0.99,
  form: 'every 15 min',
  actor: '/opt/jobs/collect.sh',
  user: 'www-data',
  destination: 'drop.example.net:443',
  schedule: 'cron /etc/cron.d/collect',
  beats: 42,
  lastMs: NOW_MS - 180_000,
  nextMs: NOW_MS + 720_000,
  sentBytes: 5 * 1024 ** 2,
}

/** A running agent with one collector in each state. */
export const aStatus: AgentStatus = {
  version: '0.1.0',
  isRunning: true,
  pid: 4711,
  startedMs: NOW_MS - 12_000_000,
  host: { name: 'web1', id: 'f00', os: 'Debian GNU/Linux 12' },
  dataDir: '/var/lib/tidewatch',
  collectors: [
    {
      dataset: 'linux.audit',
      description: 'auditd records',
      state: 'running',
      counters: { ...zeroCounters(), received: 120_034, emitted: 60_000, ignored: 60_034 },
      restarts: 0,
    },
    {
      dataset: 'linux.conntrack',
      description: 'bytes of flows',
      state: 'degraded',
      reason: 'accounting is off; sysctl net.netfilter.nf_conntrack_acct=1',
      counters: { ...zeroCounters(), received: 10, malformed: 1, lost: 2, missed: 3, emitted: 7 },
      restarts: 1,
    },
  ],
  store: {
    schemaVersion: 1,
    sizeBytes: 20 * 1024 ** 2,
    maxBytes: 256 * 1024 ** 2,
    events: 60_007,
    oldestEventMs: NOW_MS - 11_000_000,
    newestEventMs: NOW_MS - 1_000,
    series: 17,
    transfers: 912,
    oldestTransferMs: NOW_MS - 11_000_000,
    newestTransferMs: NOW_MS - 180_000,
    findings: { recurring: 1, known: 3, allowed: 0 },
    alerts: { waiting: 1, sent: 4 },
    deadLetters: 0,
    evictedEvents: 0,
    evictedSeries: 0,
  } as AgentStatus['store'],
  outputs: [
    {
      name: 'main',
      place: 'https://es.example.org:9200',
      lastAnswer: '200 OK',
      lastAnswerMs: NOW_MS - 60_000,
      failuresInRow: 0,
    },
  ],
  deadLetters: [],
  process: { rssBytes: 80 * 1024 ** 2, cpuMs: 42_000, cpuRatio: 0.0035 },
  findings: [aFinding],
}

export const anAlert: StoredAlert = {
  id: 'a1',
  seriesKey: 's1',
  createdMs: NOW_MS - 3_600_000,
  updatedMs: NOW_MS - 180_000,
  document: JSON.stringify({
    '@timestamp': '2026-11-24T17:57:00.000Z',
    event: { kind: 'alert', risk_score: 83 },
    rule: { id: 'AN1119', name: 'Recurring transfer' },
    message: '/opt/jobs/collect.sh sends to drop.example.net every 15 min',
    process: { executable: '/opt/jobs/collect.sh' },
    user: { name: 'www-data' },
    destination: { domain: 'drop.example.net', port: 443 },
  }),
  send: true,
  revision: 3,
  sentRevision: 2,
}

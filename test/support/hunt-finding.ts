import type { HuntFinding } from '../../agent/hunt/findings.ts'
import type { RecordedSeries } from '../../agent/hunt/recorded-series.ts'

const HOUR = 3_600_000
const LAST_MS = Date.UTC(2026, 10, 24, 18)

/** A beacon of ten hours, of which a test changes what it is about. */
export const aFinding = (series: Partial<RecordedSeries> = {}): HuntFinding => ({
  series: {
    id: 0,
    sourceIp: '10.0.0.5',
    destinationIp: '203.0.113.9',
    domain: 'cdn.example',
    destinationPort: 443,
    transport: 'tcp',
    transfers: 60,
    firstMs: LAST_MS - 10 * HOUR,
    lastMs: LAST_MS,
    sentBytes: 76_000,
    receivedBytes: 310_650,
    sourceVotes: 0,
    destinationVotes: 0,
    ...series,
  },
  direction: 'outbound',
  assessment: {
    verdict: 'recurring',
    score: 0.97,
    form: 'every 10 min',
    periods: [
      {
        periodMs: 600_000,
        model: 'sleep',
        form: 'every 10 min',
        jitter: 0.28,
        missedRatio: 0.02,
        beats: 60,
      },
    ],
    observations: 60,
    firstMs: LAST_MS - 10 * HOUR,
    lastMs: LAST_MS,
    evidence: [
      { name: 'sleep_rhythm', value: 1034, meaning: 'It keeps it', weight: 8, pValue: 0.001 },
    ],
  },
  risk: { score: 40, disposition: 'quiet', factors: [], analytic: 'AN1119' },
  observations: Array.from({ length: 60 }, (_, i) => ({
    atMs: LAST_MS - (59 - i) * 600_000,
    connections: 1,
  })),
  gaps: [],
})

import t from 'tap'
import { huntJudge } from '../../../agent/hunt/judge.ts'

const MINUTE = 60_000
const judge = huntJudge({
  timeZone: 'UTC',
  timesOf: () => undefined,
  detect: { minObservations: 4, threshold: 0.8 },
  risk: {
    destIpAllowlist: ['198.51.100.0/24'],
    parentProcessBaseline: [],
    scriptPathRegex: [],
    cronIntervalThreshold: { minMs: 1_000, maxMs: 35 * 24 * 60 * MINUTE },
    exfilUserContext: [],
    agentPathPatterns: [],
    repeatIntervalDelta: 0.5,
    userHomeJobs: 'raise',
    minRisk: 50,
  },
})
const every = (periodMs: number, sentBytes: number) =>
  Array.from({ length: 40 }, (_, i) => ({ atMs: i * periodMs, sentBytes, connections: 1 }))
const identity = (destinationIp: string) => ({
  key: 'a',
  destinationIp,
  destinationPort: 443,
  transport: 'tcp' as const,
})

t.test('the detector finds what recurs in a recording', async (t) => {
  const assessment = judge.assess(every(10 * MINUTE, 100), 400 * MINUTE)
  t.match(assessment, { verdict: 'recurring', observations: 40 })
  t.ok(Math.abs((assessment.periods[0]?.periodMs ?? 0) - 10 * MINUTE) < 1_000)
  t.match(judge.assess(every(MINUTE, 1).slice(0, 2), 0), { verdict: 'undecided' })
})

t.test('risk sees volume and the allowlist', async (t) => {
  const risk = (ip: string, sentBytes: number) => {
    const observations = every(10 * MINUTE, sentBytes)
    const assessment = judge.assess(observations, 400 * MINUTE)
    const facts = {
      assessment,
      observations,
      senders: undefined,
      transfer: undefined,
      nowMs: 400 * MINUTE,
    }
    return judge.risk({ ...facts, identity: identity(ip) })
  }
  const little = risk('203.0.113.9', 100)
  const much = risk('203.0.113.9', 50_000_000)
  t.ok(much.score > little.score, `${much.score} > ${little.score}`)
  t.match(risk('198.51.100.7', 50_000_000), { disposition: 'allowed' })
})

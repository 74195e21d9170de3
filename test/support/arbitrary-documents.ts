/**
 * Arbitrary inputs of every document that the agent can emit: facts as the senses give them (an
 * address is one, a count is whole), and any text where a host may choose it.
 */
import fc from 'fast-check'
import type { Budget } from '../../agent/alert/budget.ts'
import type { ComposeInput } from '../../agent/alert/compose.ts'
import type { HostFacts } from '../../agent/alert/host-facts.ts'
import type { AgentStatus } from '../../agent/control/status.ts'
import type { HealthInput } from '../../agent/health-document.ts'
import { NOW_MS } from './status.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'binary' }).map((s) => s.repeat(200)),
  fc.constantFrom('', '-', '2026-01-01', '1e999', 'null', '\u001b[31m\n', '203.0.113.9', '{}'),
)
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined })
/** Also as macOS hides one: no address, and never told as one. */
const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('masked:Yw=='))
const count = fc.oneof(fc.nat(), fc.maxSafeNat())
const atMs = fc.integer({ min: 0, max: 4e12 })
const spanMs = fc.double({ min: 1, max: 4e10, noNaN: true })
const ratio = fc.double({ min: 0, max: 1, noNaN: true })
const port = fc.nat(65_535)
const model = fc.constantFrom('clock', 'sleep', 'calendar')

export const arbitraryHost = fc.record({
  id: maybe(text),
  name: text,
  hostname: text,
  architecture: text,
  os: fc.record({
    type: fc.constantFrom('linux', 'macos', 'windows', 'unix'),
    platform: text,
    name: maybe(text),
    version: maybe(text),
    kernel: maybe(text),
    family: maybe(text),
  }),
  ip: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 4 }),
  mac: fc.array(fc.constantFrom('02-FC-00-00-00-01', 'AA-BB-CC-DD-EE-FF'), { maxLength: 3 }),
}) as fc.Arbitrary<HostFacts>

const user = fc.record({ id: maybe(text), name: maybe(text) })
const process = fc.record({
  entityId: text,
  pid: fc.nat(),
  executable: maybe(text),
  name: maybe(text),
  args: maybe(fc.array(text, { maxLength: 9 })),
})
const schedule = fc.record({
  id: text,
  scheduler: fc.constantFrom('cron', 'anacron', 'systemd', 'at', 'task-scheduler', 'launchd'),
  trigger: text,
  command: text,
  file: maybe(text),
  line: maybe(fc.nat()),
  user: maybe(user),
})
const evidence = fc.array(
  fc.record({
    name: text,
    value: fc.oneof(text, fc.double()),
    meaning: text,
    weight: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  }),
  { maxLength: 14 },
)

export const arbitraryAlert = fc.record({
  id: text,
  createdMs: atMs,
  nowMs: atMs,
  platform: fc.constantFrom('linux', 'windows', 'macos', 'network'),
  host: arbitraryHost,
  episode: fc.record({
    startMs: atMs,
    lastMs: atMs,
    beats: count,
    periodMs: spanMs.map(Math.round),
    model,
    told: maybe(fc.record({ atMs, risk: fc.nat(100), periodMs: spanMs.map(Math.round), model })),
  }),
  identity: fc.record({
    key: text,
    actor: maybe(text),
    userId: maybe(text),
    sourceIp: maybe(ip),
    destinationIp: ip,
    destinationDomain: maybe(text),
    destinationPort: port,
    transport: fc.constantFrom('tcp', 'udp'),
  }),
  assessment: fc.record({
    verdict: fc.constant('recurring'),
    score: ratio,
    form: text,
    observations: count,
    firstMs: atMs,
    lastMs: atMs,
    next: maybe(
      fc.record({ atMs: fc.double({ min: 0, max: 4e12, noNaN: true }), toleranceMs: spanMs }),
    ),
    periods: fc.array(
      fc.record({
        periodMs: spanMs,
        model,
        form: text,
        jitter: ratio,
        missedRatio: ratio,
        beats: count,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    evidence,
  }),
  risk: fc.record({
    score: fc.nat(100),
    disposition: fc.constant('alert'),
    analytic: fc.constantFrom('AN1118', 'AN1119', 'AN1120'),
    factors: evidence,
    schedule: maybe(schedule),
  }),
  transfer: maybe(
    fc.record({
      seriesKey: text,
      startMs: atMs,
      endMs: atMs,
      connections: count,
      actor: maybe(text),
      user: maybe(user),
      loginUser: maybe(user),
      sourceIp: maybe(ip),
      domain: maybe(text),
      destination: fc.record({ ip, port }),
      transport: fc.constantFrom('tcp', 'udp'),
      lineage: fc.array(process, { maxLength: 4 }),
      schedule: maybe(schedule),
      datasets: fc.array(text, { maxLength: 3 }),
    }),
  ),
  volume: maybe(
    fc.record({
      runs: count,
      sentBytesMedian: maybe(fc.double({ min: 0, max: 1e12, noNaN: true })),
      sentBytesTotal: maybe(count),
      receivedBytesMedian: maybe(fc.double({ min: 0, max: 1e12, noNaN: true })),
    }),
  ),
}) as unknown as fc.Arbitrary<ComposeInput>

export const arbitraryBudget: fc.Arbitrary<Budget> = fc.record({
  hourMs: atMs,
  told: fc.nat(),
  held: fc.integer({ min: 1, max: 1e6 }),
})

const collector = fc.record({
  dataset: text,
  description: text,
  state: fc.constantFrom('starting', 'running', 'degraded', 'lost'),
  counters: fc.record({
    received: count,
    emitted: count,
    ignored: count,
    malformed: count,
    lost: fc.nat(),
    missed: fc.nat(),
  }),
  restarts: fc.nat(1_000),
})

const status = fc.record({
  version: text,
  isRunning: fc.boolean(),
  pid: maybe(fc.nat()),
  startedMs: maybe(atMs),
  host: fc.record({ name: text, os: text }),
  dataDir: text,
  collectors: fc.array(collector, { maxLength: 1 }),
  store: fc.record({
    schemaVersion: fc.nat(9),
    sizeBytes: count,
    maxBytes: count,
    events: count,
    series: count,
    transfers: count,
    findings: fc.record({ recurring: fc.nat(), known: fc.nat(), allowed: fc.nat() }),
    alerts: fc.record({ waiting: fc.nat(), sent: fc.nat() }),
    deadLetters: fc.nat(),
    evictedEvents: count,
    evictedSeries: count,
    evictedAlerts: count,
  }),
  outputs: fc.array(fc.record({ name: text, place: text, failuresInRow: fc.nat(9) }), {
    maxLength: 12,
  }),
  deadLetters: fc.constant([]),
  problem: maybe(text),
  incidents: maybe(fc.array(fc.record({ atMs, what: text }), { maxLength: 12 })),
  process: maybe(
    fc.record({
      rssBytes: count,
      cpuMs: count,
      cpuRatio: fc.double({ min: 0, max: 8, noNaN: true }),
    }),
  ),
  findings: fc.constant([]),
}) as unknown as fc.Arbitrary<AgentStatus>

export const arbitraryHealth = fc.record({
  status,
  host: arbitraryHost,
  nowMs: fc.oneof(atMs, fc.constant(NOW_MS)),
  intervalMs: fc.nat(),
  lagMs: maybe(spanMs),
}) as fc.Arbitrary<HealthInput>

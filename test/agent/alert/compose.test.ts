import fc from 'fast-check'
import t from 'tap'
import { composeAlert, ECS_VERSION, MAX_DOCUMENT_BYTES } from '../../../agent/alert/compose.ts'
import { cronJob, finding, MINUTE_MS, START_MS } from '../../support/findings.ts'
import { holds } from '../../support/holds.ts'

const episode = {
  startMs: START_MS,
  lastMs: START_MS + 11 * MINUTE_MS,
  beats: 12,
  periodMs: MINUTE_MS,
  model: 'clock' as const,
}
const input = {
  ...finding,
  id: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
  createdMs: START_MS,
  nowMs: START_MS + 12 * MINUTE_MS,
  episode,
}

t.test('an ordinary alert is whole, and names who, where, when and why', async (t) => {
  const text = composeAlert(input)
  t.ok(Buffer.byteLength(text) <= MAX_DOCUMENT_BYTES, `${Buffer.byteLength(text)} bytes`)
  const { tidewatch, ...fields } = JSON.parse(text)
  t.match(fields, {
    '@timestamp': '2026-03-02T04:12:00.000Z',
    ecs: { version: ECS_VERSION },
    event: {
      kind: 'alert',
      category: ['network', 'intrusion_detection'],
      type: ['info'],
      id: input.id,
      module: 'tidewatch',
      severity: 3,
      risk_score: 82,
    },
    message:
      '/opt/backup.sh (cron, root) has sent about 64 KB to 203.0.113.9:443 every 60 s, 12 times since 2026-03-02 04:00 UTC.',
    rule: { id: 'AN1119', ruleset: 'DET0399' },
    threat: {
      tactic: { id: ['TA0010'] },
      technique: { id: ['T1029', 'T1053'], subtechnique: { id: ['T1053.003'] } },
    },
    process: {
      executable: '/usr/bin/curl',
      pid: 813,
      entity_id: 'e3',
      parent: { executable: '/bin/sh' },
    },
    user: { id: '0', name: 'root' },
    source: { ip: '198.51.100.4', bytes: 786_432 },
    destination: { ip: '203.0.113.9', port: 443, address: '203.0.113.9' },
    network: { transport: 'tcp', direction: 'egress' },
    host: { id: finding.host.id, name: 'web-1', os: { type: 'linux' } },
  })
  t.match(tidewatch, {
    actor: '/opt/backup.sh',
    beats: 12,
    period_ms: MINUTE_MS,
    form: 'every 60 s',
    next_expected: '2026-03-02T04:12:00.000Z',
    sent_bytes_median: 65_536,
    schedule: {
      scheduler: 'cron',
      trigger: '* * * * *',
      file: '/etc/cron.d/backup',
      line: 3,
      started_it: true,
    },
    risk_factors: ['started_by_schedule'],
  })
})

t.test('a recording of addresses has no empty fields and no host words', async (t) => {
  const { transfer: _, volume: __, ...bare } = input
  const identity = {
    key: 'k',
    sourceIp: '192.0.2.1',
    destinationIp: '203.0.113.9',
    destinationPort: 80,
    transport: 'tcp' as const,
  }
  const text = composeAlert({ ...bare, identity, platform: 'network' })
  t.notMatch(text, /null|\{\}|\[\]/)
  t.match(JSON.parse(text), {
    message: /^192\.0\.2\.1 has connected to 203\.0\.113\.9:80 every 60 s/,
    network: { direction: 'outbound' },
  })
})

t.test(
  'what does not fit is left out from the least needed on, and the document says so',
  async (t) => {
    const long = 'x'.repeat(5_000)
    const [sender, ...rest] = finding.transfer?.lineage ?? []
    const args = Array.from({ length: 50 }, () => long)
    const transfer = {
      ...finding.transfer,
      lineage: [{ ...sender, args }, ...rest],
      schedule: { ...cronJob, command: long },
    }
    const text = composeAlert({ ...input, transfer } as typeof input)
    t.ok(Buffer.byteLength(text) <= MAX_DOCUMENT_BYTES)
    const document = JSON.parse(text)
    t.equal(document.tidewatch.truncated, true)
    t.match(document, { process: { executable: '/usr/bin/curl' }, user: { name: 'root' } })
    t.notOk('related' in document)
  },
)

t.test('control characters neither break the line nor reach the sentence', async (t) => {
  const actor = '/tmp/a\n\u001b[31m"b"\u0000\ud800\u202e'
  const text = composeAlert({ ...input, transfer: { ...finding.transfer, actor } } as typeof input)
  t.notMatch(text, /\p{Cc}/u)
  const document = JSON.parse(text)
  t.notMatch(document.message, /[\p{Cc}\p{Cf}]/u)
  t.match(document.tidewatch.actor, '/tmp/a\n\u001b[31m"b"', 'the field keeps what was there')
})

t.test('properties', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'binary' }).map((s) => s.repeat(400)),
    fc.constantFrom(
      '\u0000'.repeat(4_000),
      '\ud800'.repeat(999),
      '€'.repeat(999),
      '"\\'.repeat(999),
      '',
    ),
  )
  const number = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e300),
  )
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const user = fc.record({ id: some(text), name: some(text) })
  const process = fc.record({
    entityId: text,
    pid: number,
    executable: some(text),
    name: some(text),
    args: some(fc.array(text)),
  })
  const schedule = fc.record({
    id: text,
    scheduler: fc.constantFrom('cron', 'anacron', 'systemd', 'at', 'task-scheduler', 'launchd'),
    trigger: text,
    command: text,
    user: some(user),
    file: some(text),
    line: some(number),
  })
  const evidence = fc.array(
    fc.record({ name: text, value: fc.oneof(text, number), meaning: text, weight: number }),
  )
  const model = fc.constantFrom('clock', 'sleep', 'calendar')
  const period = fc.record({
    periodMs: number,
    model,
    form: text,
    jitter: number,
    missedRatio: number,
    beats: number,
  })
  const any = fc.record({
    id: text,
    createdMs: number,
    nowMs: number,
    platform: fc.constantFrom('linux', 'network'),
    episode: fc.record({
      startMs: number,
      lastMs: number,
      beats: number,
      periodMs: number,
      model,
      told: some(fc.record({ atMs: number, risk: number, periodMs: number, model })),
    }),
    identity: fc.record({
      key: text,
      actor: some(text),
      userId: some(text),
      sourceIp: some(text),
      destinationIp: some(text),
      destinationDomain: some(text),
      destinationPort: number,
      transport: fc.constantFrom('tcp', 'udp'),
    }),
    assessment: fc.record({
      verdict: fc.constant('recurring'),
      score: number,
      periods: fc.array(period),
      form: some(text),
      observations: number,
      firstMs: number,
      lastMs: number,
      next: some(fc.record({ atMs: number, toleranceMs: number })),
      schedule: some(schedule),
      evidence,
    }),
    risk: fc.record({
      score: fc.nat(100),
      disposition: fc.constant('alert'),
      factors: evidence,
      analytic: fc.constantFrom('AN1118', 'AN1119', 'AN1120'),
    }),
    transfer: some(
      fc.record({
        seriesKey: text,
        startMs: number,
        endMs: number,
        connections: number,
        actor: some(text),
        user: some(user),
        loginUser: some(user),
        sourceIp: some(text),
        destination: fc.record({ ip: text, port: number }),
        domain: some(text),
        transport: fc.constant('tcp'),
        schedule: some(schedule),
        lineage: fc.array(process, { maxLength: 4 }),
        datasets: fc.array(text),
      }),
    ),
    volume: some(
      fc.record({
        runs: number,
        sentBytesMedian: number,
        sentBytesMax: number,
        sentBytesTotal: number,
      }),
    ),
    host: fc.record({
      id: some(text),
      name: text,
      hostname: text,
      architecture: text,
      os: fc.record({
        type: fc.constant('linux'),
        platform: text,
        name: some(text),
        version: some(text),
        kernel: some(text),
        family: some(text),
      }),
      ip: fc.array(text),
      mac: fc.array(text),
    }),
  })
  const fits = fc.property(any, (one) => {
    const composed = composeAlert(one as unknown as typeof input)
    const document = JSON.parse(composed)
    return (
      Buffer.byteLength(composed) < 2_048 &&
      !/[\n\r]/.test(composed) &&
      composed.isWellFormed() &&
      document.ecs.version === ECS_VERSION &&
      typeof document['@timestamp'] === 'string' &&
      document.event.kind === 'alert' &&
      typeof document.event.id === 'string' &&
      typeof document.message === 'string' &&
      typeof document.rule.id === 'string' &&
      document.threat.technique.id.includes('T1029') &&
      typeof document.host.name === 'string' &&
      'period_ms' in document.tidewatch &&
      typeof document.tidewatch.episode === 'object'
    )
  })
  holds(t, 'any input gives one valid line within bounds, with the mandatory fields', fits)
})

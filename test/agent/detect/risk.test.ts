import fc from 'fast-check'
import t from 'tap'
import { assessRisk, compileRiskOptions } from '../../../agent/detect/risk.ts'
import {
  assessment,
  DAY_MS,
  identity,
  minutely,
  networkInput,
  rawOptions,
  riskInput,
  START_MS,
  transfer,
  volume,
} from '../../support/findings.ts'
import { holds } from '../../support/holds.ts'

const options = compileRiskOptions(rawOptions)
const sleeping = { ...minutely, model: 'sleep' as const, periodMs: 270_000, jitter: 0.3 }
const { schedule: _, ...unscheduled } = transfer

t.test('an upload that cron starts to a new place outside alerts, and says why', async (t) => {
  const risk = assessRisk(riskInput, options)
  t.match(risk, { disposition: 'alert', analytic: 'AN1119' })
  t.ok(risk.score >= 70 && risk.score <= 100, `${risk.score}`)
  const names = risk.factors.map(({ name }) => name)
  for (const name of [
    'started_by_schedule',
    'sends_more',
    'external_destination',
    'transfer_tool',
    'new_destination',
  ]) {
    t.ok(names.includes(name), name)
  }
  t.ok(risk.factors.every(({ meaning }) => meaning.length > 0 && !meaning.includes('\n')))
})

t.test('the same job to a private address still alerts: staging hosts are inside', async (t) => {
  const destination = { ip: '10.1.2.3', port: 443 }
  const inside = {
    ...riskInput,
    identity: { ...identity, destinationIp: '10.1.2.3' },
    transfer: { ...transfer, destination },
  }
  const risk = assessRisk(inside, options)
  t.equal(risk.disposition, 'alert')
  t.ok(risk.score < assessRisk(riskInput, options).score)
})

t.test('a small beacon of a network recording alerts without any fact of the host', async (t) => {
  const tiny = {
    ...volume,
    sentBytesMedian: 80,
    sentBytesMax: 80,
    sentBytesTotal: 76_000,
    sentShare: 0.2,
  }
  const input = networkInput(80, {
    assessment: { ...assessment, periods: [sleeping] },
    volume: tiny,
    destinationFirstSeenMs: START_MS,
    destinationActors: 1,
  })
  t.match(assessRisk(input, options), { disposition: 'alert', analytic: 'AN1118' })
})

t.test(
  'a beacon from a program that has no business on the network alerts inside, too',
  async (t) => {
    const notepad = 'C:\\Windows\\System32\\notepad.exe'
    const input = {
      ...networkInput(443, {
        platform: 'windows',
        destinationFirstSeenMs: START_MS,
        destinationActors: 1,
      }),
      identity: { ...identity, actor: notepad, destinationIp: '10.0.10.106' },
      assessment: { ...assessment, periods: [sleeping] },
    }
    const risk = assessRisk(input, options)
    t.equal(risk.disposition, 'alert')
    t.ok(risk.factors.some(({ name, value }) => name === 'unlikely_sender' && value === notepad))
  },
)

t.test('what does not recur is quiet, whatever its risk', async (t) => {
  for (const verdict of ['irregular', 'undecided'] as const) {
    t.equal(
      assessRisk({ ...riskInput, assessment: { ...assessment, verdict } }, options).disposition,
      'quiet',
    )
  }
})

t.test(
  'the owner explains: allowlist is allowed, baseline and table are known, and all rank low',
  async (t) => {
    const cases = [
      [{ destIpAllowlist: ['203.0.113.0/24'] }, riskInput, 'allowed', 'allowed_destination'],
      [{ parentProcessBaseline: ['/usr/sbin/cron'] }, riskInput, 'known', 'baseline_program'],
      [
        {},
        {
          ...riskInput,
          transfer: { ...unscheduled, actor: '/usr/lib/apt/apt.systemd.daily' },
          volume: { ...volume, sentShare: 0.1 },
        },
        'known',
        'known_traffic',
      ],
    ] as const
    for (const [changes, input, disposition, name] of cases) {
      const risk = assessRisk(input, compileRiskOptions({ ...rawOptions, ...changes }))
      t.equal(risk.disposition, disposition)
      t.ok(risk.score <= 10)
      t.ok(
        risk.factors.some((factor) => factor.name === name && factor.weight < 0),
        name,
      )
    }
  },
)

t.test('the bounds of the owner decide what counts as repetition', async (t) => {
  const cases = [
    [{ cronIntervalThreshold: { minMs: 120_000, maxMs: DAY_MS } }, 'period_out_of_bounds'],
    [{ repeatIntervalDelta: 0.005 }, 'jitter_out_of_bounds'],
    [{ timeWindow: { from: '22:00', to: '02:00' } }, 'outside_time_window'],
  ] as const
  for (const [changes, name] of cases) {
    const risk = assessRisk(
      { ...riskInput, timeZone: 'UTC' },
      compileRiskOptions({ ...rawOptions, ...changes }),
    )
    t.equal(risk.disposition, 'quiet', name)
    t.ok(
      risk.factors.some((factor) => factor.name === name),
      name,
    )
  }
  const inside = compileRiskOptions({ ...rawOptions, timeWindow: { from: '04:00', to: '05:00' } })
  t.equal(assessRisk({ ...riskInput, timeZone: 'UTC' }, inside).disposition, 'alert')
  const two = [START_MS - 3 * 3_600_000, START_MS - 2 * 3_600_000, START_MS, START_MS + 1]
  const few = assessRisk({ ...riskInput, timeZone: 'UTC', timesMs: two }, inside)
  t.equal(few.disposition, 'quiet', 'two beats in the window are a pair')
})

t.test('minRisk is the threshold', async (t) => {
  const { score } = assessRisk(riskInput, options)
  const at = (minRisk: number) =>
    assessRisk(riskInput, compileRiskOptions({ ...rawOptions, minRisk })).disposition
  t.equal(at(score), 'alert')
  t.equal(at(score + 1), 'quiet')
})

t.test('properties', async (t) => {
  const anyInput = fc
    .record({
      hasTransfer: fc.boolean(),
      sentBytesTotal: fc.nat(2 ** 31),
      sentShare: fc.double({ min: 0, max: 1, noNaN: true }),
      ageDays: fc.integer({ min: -5, max: 60 }),
      actors: fc.nat(6),
      actor: fc.oneof(
        fc.string(),
        fc.constantFrom('/tmp/.x/y', '/home/a/b.py', 'C:\\Users\\a\\AppData\\Local\\Temp\\q.exe'),
      ),
      user: fc.constantFrom(
        { id: '0' },
        { id: '1000', name: 'anna' },
        { id: 'S-1-5-21-1-2-3-1104' },
        {},
      ),
      platform: fc.constantFrom('linux', 'windows', 'macos', 'network'),
      ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
    })
    .map((one) => ({
      ...riskInput,
      platform: one.platform,
      identity: { ...identity, actor: one.actor, destinationIp: one.ip },
      volume: { ...volume, sentBytesTotal: one.sentBytesTotal, sentShare: one.sentShare },
      destinationFirstSeenMs: START_MS - one.ageDays * DAY_MS,
      destinationActors: one.actors,
      transfer: {
        ...(one.hasTransfer ? transfer : unscheduled),
        actor: one.actor,
        user: one.user,
        destination: { ip: one.ip, port: 1 },
      },
    }))
  const bounded = fc.property(anyInput, (input) => {
    const { score } = assessRisk(input, options)
    return Number.isInteger(score) && score >= 0 && score <= 100
  })
  holds(t, 'a score is a whole number from 0 to 100', bounded)

  const watching = compileRiskOptions({
    ...rawOptions,
    scriptPathRegex: ['.'],
    exfilUserContext: ['0', '1000'],
    agentPathPatterns: ['**'],
  })
  const monotone = fc.property(
    anyInput,
    (input) => assessRisk(input, watching).score >= assessRisk(input, options).score,
  )
  holds(t, 'what the owner watches never lowers the risk', monotone)

  const more = fc.property(anyInput, fc.nat(2 ** 31), (input, bytes) => {
    const larger = { ...input.volume, sentBytesTotal: input.volume.sentBytesTotal + bytes }
    return (
      assessRisk({ ...input, volume: larger }, options).score >= assessRisk(input, options).score
    )
  })
  holds(t, 'more bytes never lower the risk', more)

  const shifted = fc.property(anyInput, fc.nat(2 ** 40), (input, byMs) => {
    const moved = {
      ...input,
      nowMs: input.nowMs + byMs,
      destinationFirstSeenMs: input.destinationFirstSeenMs + byMs,
    }
    return assessRisk(moved, options).score === assessRisk(input, options).score
  })
  holds(t, 'when it happens does not matter', shifted)
})

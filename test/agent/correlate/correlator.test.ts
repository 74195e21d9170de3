import t from 'tap'
import { type CorrelatorOptions, createCorrelator } from '../../../agent/correlate/correlator.ts'
import type { Event, Schedule } from '../../../platform/event.ts'

const NOW = 1_700_000_000_000
const OPTIONS: CorrelatorOptions = {
  ...{ bootId: 'boot', runQuietMs: 2_000, claimMs: 5_000, maxProcesses: 1_000 },
  include: { loopback: false, linkLocal: false, multicast: false, private: true },
}
const schedule: Schedule = {
  ...{ id: 'job', scheduler: 'cron', trigger: '* * * * *', command: '/opt/backup.sh' },
  user: { name: 'root' },
}
const base = { atMs: NOW, dataset: 'test' }
const exec = (pid: number, parentPid: number, executable: string, ...args: string[]): Event => ({
  ...{ ...base, kind: 'process-start' as const, process: { pid, parentPid, executable, args } },
})
const connect = (ip: string, more: object = {}): Event =>
  ({
    ...base,
    kind: 'connection',
    phase: 'start',
    destination: { ip, port: 443 },
    ...more,
  }) as Event
const job: readonly Event[] = [
  { ...base, kind: 'schedule-change', change: 'found', schedule },
  exec(2, 1, '/usr/sbin/cron', 'cron', '-f'),
  exec(3, 2, '/bin/dash', '/bin/sh', '-c', '/opt/backup.sh'),
  exec(4, 3, '/bin/dash', '/bin/sh', '/opt/backup.sh'),
  exec(5, 4, '/usr/bin/curl', 'curl', '-T', 'x', 'https://a.example/'),
  { ...base, kind: 'name-resolved', domain: 'a.example', addresses: ['192.0.2.1'] },
]

t.test("a job's upload is a transfer with its script, line and name", async (t) => {
  const correlator = createCorrelator(OPTIONS)
  const { transfers, schedules } = correlator.push([
    ...job,
    connect('192.0.2.1', { process: { pid: 5 } }),
  ])
  t.strictSame(schedules, [schedule])
  t.match(
    transfers.map(({ transfer }) => transfer),
    [
      {
        actor: '/opt/backup.sh',
        domain: 'a.example',
        schedule: { id: 'job' },
        connections: 1,
        startMs: NOW,
      },
    ],
  )
  t.strictSame(
    transfers[0]?.transfer.lineage.map(({ pid }) => pid),
    [5, 4, 3],
  )
})

t.test('it does not matter how the events are cut into batches', async (t) => {
  const events = [...job, connect('192.0.2.1', { process: { pid: 5 } })]
  const whole = createCorrelator(OPTIONS).push(events).transfers
  const correlator = createCorrelator(OPTIONS)
  t.strictSame(
    events.flatMap((event) => correlator.push([event]).transfers),
    whole,
  )
})

t.test('loopback, link-local and multicast are no transfers; private addresses are', async (t) => {
  const places = [
    '127.0.0.1',
    '::1',
    '169.254.1.1',
    'fe80::1',
    '224.0.0.251',
    '0.0.0.0',
    '10.1.2.3',
    '8.8.8.8',
  ]
  const events = places.map((ip) => connect(ip, { process: { pid: 9 } }))
  const { transfers } = createCorrelator(OPTIONS).push(events)
  t.strictSame(
    transfers.map(({ identity }) => identity.destinationIp),
    ['10.1.2.3', '8.8.8.8'],
  )
})

t.test('a connection without an owner waits for the source that knows it', async (t) => {
  const source = { ip: '198.51.100.7', port: 40_001 }
  const seen = connect('192.0.2.1', { source, dataset: 'poller' })
  const correlator = createCorrelator(OPTIONS)
  t.strictSame(correlator.push([...job, seen]).transfers, [])
  const claimed = correlator.push([connect('192.0.2.1', { process: { pid: 5 } })])
  t.match(claimed.transfers, [{ transfer: { actor: '/opt/backup.sh', sourceIp: source.ip } }])
  t.strictSame(correlator.advance(NOW + 60_000).transfers, [], 'and is not told again')

  const alone = createCorrelator(OPTIONS)
  alone.push([seen])
  t.strictSame(
    alone.advance(NOW + 60_000).transfers,
    [],
    'it waits from when it came, not from when it was',
  )
  const late = alone.advance(NOW + 66_000).transfers
  t.equal(late.length, 1)
  t.equal(late[0]?.transfer.actor, undefined)
})

t.test("the agent's own connection is none", async (t) => {
  const correlator = createCorrelator({
    ...OPTIONS,
    isOwn: ({ source, process }) => source?.port === 40_001 || process?.pid === 4_711,
  })
  const own = [
    connect('192.0.2.1', { source: { ip: '198.51.100.7', port: 40_001 } }),
    connect('192.0.2.2', { process: { pid: 4_711 } }),
  ]
  t.strictSame(correlator.push(own).transfers, [])
  const times = [NOW, NOW + 60_000, NOW + 120_000]
  t.strictSame(
    times.flatMap((nowMs) => correlator.advance(nowMs).transfers),
    [],
  )
})

t.test('a loss with a span is a gap', async (t) => {
  const { gaps } = createCorrelator(OPTIONS).push([
    { ...base, kind: 'loss', reason: 'overrun', fromMs: NOW - 5_000 },
    { ...base, kind: 'loss', reason: 'malformed', count: 3 },
  ])
  t.strictSame(gaps, [{ fromMs: NOW - 5_000, toMs: NOW, reason: 'test: overrun' }])
})

t.test('a job that was taken away is forgotten', async (t) => {
  const correlator = createCorrelator({ ...OPTIONS, knownSchedules: [schedule] })
  t.strictSame(correlator.schedules(), [schedule])
  const { forgottenSchedules } = correlator.push([
    { ...base, kind: 'schedule-change', change: 'deletion', schedule },
  ])
  t.strictSame(forgottenSchedules, ['job'])
  t.strictSame(correlator.schedules(), [])
})

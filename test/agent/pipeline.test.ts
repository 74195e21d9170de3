/** From events to alerts in the outbox, in event time, with the real stages and a store in memory. */
import t from 'tap'
import type { Event, Schedule } from '../../platform/event.ts'
import { eventTimePipeline } from '../support/event-time-pipeline.ts'

const MINUTE = 60_000
/** 2026-11-02 00:00 UTC, a Monday. */
const START = 1_793_577_600_000

const schedule: Schedule = {
  ...{ id: 'job', scheduler: 'cron', trigger: '*/15 * * * *', command: '/opt/backup.sh' },
  ...{ user: { id: '0', name: 'root' }, file: '/etc/crontab', line: 7 },
  timing: { kind: 'calendar', patterns: ['0 */15 * * * *'] },
}

/** One run of the job: cron, its shell, the script, curl and its connection. */
function run(atMs: number, pid: number, ip: string): Event[] {
  const base = { atMs, dataset: 'linux.audit' }
  const user = { id: '0', name: 'root' }
  const start = (own: number, parentPid: number, executable: string, ...args: string[]): Event => ({
    ...{
      ...base,
      kind: 'process-start' as const,
      process: { pid: own, parentPid, executable, args, user },
    },
  })
  return [
    start(2, 1, '/usr/sbin/cron', 'cron', '-f'),
    start(pid, 2, '/bin/dash', '/bin/sh', '-c', '/opt/backup.sh'),
    start(pid + 1, pid, '/bin/dash', '/bin/sh', '/opt/backup.sh'),
    start(pid + 2, pid + 1, '/usr/bin/curl', 'curl', '-T', 'x', ip),
    {
      ...{ ...base, kind: 'connection', phase: 'start', destination: { ip, port: 443 } },
      ...{ process: { pid: pid + 2, user }, sentBytes: 50_000, receivedBytes: 300 },
    },
  ]
}

t.test("a job's uploads become one alert that names the job", async (t) => {
  const { store, see } = eventTimePipeline()
  see([{ kind: 'schedule-change', change: 'found', schedule, atMs: START, dataset: 'test' }], '0')
  for (let i = 0; i < 12; i++)
    see(run(START + i * 15 * MINUTE + 800, 100 + 10 * i, '203.0.113.9'), String(i))
  const alerts = store.alerts(10)
  t.equal(alerts.length, 1)
  const document = JSON.parse(alerts[0]?.document ?? '{}')
  t.match(document, {
    event: { kind: 'alert' },
    user: { name: 'root' },
    destination: { ip: '203.0.113.9', port: 443 },
    tidewatch: {
      ...{ actor: '/opt/backup.sh', sent_bytes_median: 50_000 },
      schedule: { scheduler: 'cron', trigger: '*/15 * * * *', file: '/etc/crontab', line: 7 },
    },
  })
  t.ok(Math.abs(document.tidewatch.period_ms - 15 * MINUTE) < 2_000)
  t.equal(store.bookmark('linux.audit'), '11')
  t.equal(store.stats().transfers, 12)
  t.equal(store.findings(10)[0]?.disposition, 'alert')
})

t.test(
  'what its source can tell again waits for company, anything else is stored at once',
  async (t) => {
    const { store, pipeline, wait } = eventTimePipeline()
    const transfers = () => store.stats().transfers
    pipeline.take('linux.audit', { events: run(START, 100, '203.0.113.9'), bookmark: '1' })
    const [started] = run(START, 150, '203.0.113.9').filter(({ kind }) => kind === 'process-start')
    t.ok(started)
    if (started) pipeline.take('linux.proc', { events: [started] })
    wait(29_000, START)
    t.strictSame([transfers(), store.bookmark('linux.audit')], [0, undefined])
    wait(1_000, START)
    t.strictSame([transfers(), store.bookmark('linux.audit')], [1, '1'], 'not for long')
    pipeline.take('linux.audit', { events: run(START + MINUTE, 200, '203.0.113.9'), bookmark: '2' })
    t.equal(transfers(), 1)
    const loss = {
      kind: 'loss',
      atMs: START,
      dataset: 'linux.conntrack',
      reason: 'overrun',
    } as const
    pipeline.take('linux.conntrack', { events: [loss] })
    t.strictSame(
      [transfers(), store.bookmark('linux.audit')],
      [2, '2'],
      'and all that waits with it',
    )
    const many = Array.from({ length: 1_400 }, (_, i) =>
      run(START + (i + 2) * MINUTE, 300, '203.0.113.9'),
    )
    pipeline.take('linux.audit', { events: many.flat(), bookmark: '3' })
    t.equal(store.bookmark('linux.audit'), '3', 'nor where there is company enough')
  },
)

t.test('the same events again, as after a kill, change nothing', async (t) => {
  const { store, see } = eventTimePipeline()
  const runs = Array.from({ length: 8 }, (_, i) =>
    run(START + i * 15 * MINUTE, 100 + 10 * i, '203.0.113.9'),
  )
  for (const events of runs) see(events, 'a')
  const before = store.alerts(10).map(({ id }) => id)
  see(runs.at(-1) ?? [], 'b')
  t.equal(store.stats().transfers, 8)
  t.strictSame(
    store.alerts(10).map(({ id }) => id),
    before,
  )
})

t.test('while learning, what recurs is kept and not told', async (t) => {
  const { store, see } = eventTimePipeline({ learnUntilMs: START + 24 * 60 * MINUTE })
  for (let i = 0; i < 12; i++)
    see(run(START + i * 15 * MINUTE, 100 + 10 * i, '203.0.113.9'), String(i))
  t.equal(store.alerts(10).length, 0)
  t.equal(store.findings(10)[0]?.disposition, 'learning')
})

t.test('single transfers to many places are no alert', async (t) => {
  const { store, see } = eventTimePipeline()
  for (let i = 0; i < 40; i++)
    see(run(START + i * 7 * MINUTE, 100 + 10 * i, `203.0.113.${i}`), String(i))
  t.equal(store.alerts(10).length, 0)
  t.equal(store.stats().series, 40)
})

t.test('what no job vouches for must look regular twice', async (t) => {
  const { store, see } = eventTimePipeline()
  /** A beacon: one process that calls every 5 min, under no scheduler. */
  const call = (i: number): Event => ({
    ...{ kind: 'connection', phase: 'start', atMs: START + i * 5 * MINUTE, dataset: 'linux.audit' },
    destination: { ip: '203.0.113.9', port: 443 },
    process: { pid: 77, executable: '/usr/bin/curl' },
    ...{ sentBytes: 50_000, receivedBytes: 100 },
  })
  const told: number[] = []
  for (let i = 0; i < 12; i++) {
    see([call(i)], String(i))
    const [finding] = store.findings(1)
    if (finding !== undefined) told.push(store.alerts(10).length)
  }
  t.strictSame(told.slice(0, 2), [0, 1])
})

t.test('a beacon that fell silent long ago is assessed once, and not for ever', async (t) => {
  const { store, see } = eventTimePipeline()
  for (let i = 0; i < 8; i++)
    see(run(START + i * 15 * MINUTE, 100 + 10 * i, '203.0.113.9'), String(i))
  // `see` returns only when nothing is due.
  see(run(START + 30 * 24 * 60 * MINUTE, 900, '203.0.113.77'), 'late')
  t.equal(store.stats().transfers, 9)
})

t.test(
  'what is allowed while the agent runs is judged anew at once, and told no more',
  async (t) => {
    const { store, see, allow } = eventTimePipeline()
    const beat = (i: number) => see(run(START + i * 15 * MINUTE, 100 + 10 * i, '203.0.113.9'), 'b')
    for (let i = 0; i < 8; i++) beat(i)
    const told = store.alerts(10)
    t.equal(told.length, 1)
    allow('203.0.113.0/24', START + 7 * 15 * MINUTE + 1_000)
    t.equal(store.findings(1)[0]?.disposition, 'allowed')
    for (let i = 8; i < 16; i++) beat(i)
    t.strictSame(store.alerts(10), told)
  },
)

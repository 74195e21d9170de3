import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { Batch, Clock } from '../../../platform/collector.ts'
import { procNetCollector } from '../../../platform/linux/proc-net-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const GOLDEN = 'test/golden/linux/proc-net/linux-6.18-mixed'
const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid'
const row = (tuple: string, state: string, inode: number) =>
  `   0: ${tuple} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1`
const table = (...rows: string[]) => `${[HEADER, ...rows].join('\n')}\n`

const OPEN = row('0107630A:8180 0207630A:1F90', '01', 77)
const OWN = row('0107630A:8181 0207630A:01BB', '01', 88)
const STAT = (pid: number) => `${pid} (curl) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 250 0 0\n`

const run = async (
  procDir: string,
  clock: Clock,
  { ownPid, bookmark }: { ownPid?: number; bookmark?: string } = {},
) => {
  const collector = procNetCollector({
    clock,
    procDir,
    passwdFile: `${procDir}/passwd`,
    ...(ownPid !== undefined && { ownPid }),
  })
  const signal = new AbortController().signal
  const from = { load: () => bookmark }
  const batches: Batch[] = await Array.fromAsync(collector.batches(signal, from))
  return { batches, events: batches.flatMap(({ events }) => events), collector }
}

t.test('tells a connection with its process, once, and its end', async (t) => {
  const link = (target: string) => t.fixture('symlink', target)
  const procDir = t.testdir({
    passwd: '',
    stat: 'btime 1000\n',
    net: { tcp: table() },
    10: { stat: STAT(10), fd: { 3: link('socket:[77]') } },
    11: { stat: STAT(11), fd: { 3: link('socket:[88]') } },
  })
  const clock: Clock = {
    now: () => 0,
    async *ticks() {
      yield 1_000
      writeFileSync(`${procDir}/net/tcp`, table(OPEN, OWN))
      yield 3_000
      yield 5_000
      writeFileSync(`${procDir}/net/tcp`, table())
      yield 7_000
    },
  }
  const { events, batches, collector } = await run(procDir, clock, { ownPid: 11 })
  const connection = {
    kind: 'connection',
    dataset: 'linux.proc_net',
    transport: 'tcp',
    source: { ip: '10.99.7.1', port: 33_152 },
    destination: { ip: '10.99.7.2', port: 8080 },
    process: { pid: 10, name: 'curl', parentPid: 1, startMs: 1_002_500 },
  }
  t.strictSame(events, [
    { ...connection, phase: 'start', atMs: 3_000 },
    { ...connection, phase: 'end', atMs: 7_000 },
  ])
  t.strictSame(
    batches.map(({ bookmark }) => bookmark),
    ['3000', '7000'],
  )
  t.match(collector.counters, { received: 2, emitted: 2, malformed: 0 })
  t.equal(collector.degraded?.(), undefined)
})

t.test('what is open at the first look has been going on, and keeps its user', async (t) => {
  const procDir = t.testdir({ passwd: 'ada:x:1000:1000::/:/bin/sh\n', net: { tcp: table(OPEN) } })
  const { events } = await run(procDir, fakeClock(1_000, 3))
  t.match(events, [{ phase: 'progress', atMs: 1_000, user: { id: '1000', name: 'ada' } }])
  t.equal(events.length, 1)
  t.notOk('process' in (events[0] ?? {}))
})

t.test('reads no TCP table while the counters stand still, but UDP always', async (t) => {
  const files = Object.fromEntries(
    ['tcp', 'tcp6', 'udp', 'udp6', 'snmp', 'sockstat', 'sockstat6'].map((name) => [
      name,
      readFileSync(`${GOLDEN}.${name}`, 'utf8'),
    ]),
  )
  const procDir = t.testdir({ passwd: '', net: files })
  const clock: Clock = {
    now: () => 0,
    async *ticks() {
      yield 1_000
      writeFileSync(`${procDir}/net/tcp`, table(OPEN)) // unseen: no counter told of it
      writeFileSync(`${procDir}/net/udp`, table())
      yield 3_000
      writeFileSync(`${procDir}/net/sockstat`, files['sockstat']?.replace(/tw \d+/, 'tw 0') ?? '')
      yield 5_000
    },
  }
  const { events } = await run(procDir, clock)
  const later = events.filter(({ atMs }) => atMs > 1_000)
  t.match(later, [
    { atMs: 3_000, phase: 'end', transport: 'udp' },
    { atMs: 5_000, phase: 'end', source: { port: 33_160 } },
    { atMs: 5_000, phase: 'start', source: { port: 33_152 } },
  ])
  t.equal(later.length, 3)
})

t.test('a run goes on where the last one was', async (t) => {
  const over = row('0107630A:8180 0207630A:1F90', '06', 0).replace(' 00:00000000', ' 03:000003E8')
  const procDir = t.testdir({ passwd: '', net: { tcp: table(over) } })
  t.equal((await run(procDir, fakeClock(100_000, 1), { bookmark: '40000' })).events.length, 1)
  t.equal((await run(procDir, fakeClock(100_000, 1), { bookmark: '60000' })).events.length, 0)
  t.equal((await run(procDir, fakeClock(100_000, 1), { bookmark: 'odd' })).events.length, 1)
})

t.test('tells rows that it cannot read, once', async (t) => {
  const procDir = t.testdir({ passwd: '', net: { tcp: table('nonsense') } })
  const { events, collector } = await run(procDir, fakeClock(1_000, 3))
  const loss = { kind: 'loss', atMs: 1_000, dataset: 'linux.proc_net', count: 1 }
  t.strictSame(events, [{ ...loss, reason: 'malformed' }])
  t.equal(collector.counters.malformed, 1)
})

t.test('a missing procfs is a lost source, not an empty one', async (t) => {
  await t.rejects(run('/nonexistent', fakeClock(0, 1)), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    remedy: /mount/,
  })
})

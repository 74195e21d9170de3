import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { Batch, Clock } from '../../../platform/collector.ts'
import { conntrackCollector } from '../../../platform/linux/conntrack-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const UPLOADS = readFileSync('test/golden/linux/conntrack/linux-6.18-uploads.table', 'utf8')
const ICMP =
  'ipv4     2 icmp     1 29 src=10.99.7.1 dst=10.99.7.2 type=8 code=0 id=5 src=10.99.7.2 dst=10.99.7.1 type=0 code=0 id=5 mark=0 use=2\n'
const TCP_OPEN =
  'header\n   0: 0107630A:8188 0207630A:1F90 01 00000000:00000000 02:000016A6 00000000     0        0 5 2\n'
const settings = { nf_conntrack_acct: '1\n', nf_conntrack_count: '6\n' }

const tree = (table: string, netfilter: object = settings) => ({
  net: { nf_conntrack: table, tcp: TCP_OPEN },
  sys: { net: { netfilter: { ...netfilter } } },
})

const run = async (procDir: string, clock: Clock, bookmark?: string, maxRows?: number) => {
  const collector = conntrackCollector({
    clock,
    procDir,
    command: '/nonexistent/conntrack',
    hostIps: () => new Set(['10.99.7.1', 'fd07::1']),
    ...(maxRows !== undefined && { maxRows }),
  })
  const signal = new AbortController().signal
  const from = { load: () => bookmark }
  const batches: Batch[] = await Array.fromAsync(collector.batches(signal, from))
  return { batches, events: batches.flatMap(({ events }) => events), collector }
}

t.test('tells each finished upload once, with its volume', async (t) => {
  const procDir = t.testdir(tree(`${UPLOADS}${ICMP}`))
  const { events, batches, collector } = await run(procDir, fakeClock(1_000_000, 3))
  t.equal(events.length, 6)
  t.match(
    events.find((event) => event.kind === 'connection' && event.source?.port === 51_430),
    {
      kind: 'connection',
      phase: 'end',
      atMs: 999_000,
      dataset: 'linux.conntrack',
      destination: { ip: '10.99.7.2', port: 8080 },
      sentBytes: 5_000_193,
      receivedBytes: 50_151,
    },
  )
  t.strictSame(
    batches.map(({ bookmark }) => bookmark),
    ['1000000'],
  )
  t.match(collector.counters, { received: 21, emitted: 6, ignored: 15, malformed: 0 })
  t.equal(collector.degraded?.(), undefined)
})

t.test('a run goes on where the last one was', async (t) => {
  const procDir = t.testdir(tree(UPLOADS))
  t.equal((await run(procDir, fakeClock(1_000_000, 1), '999500')).events.length, 0)
  t.equal((await run(procDir, fakeClock(1_000_000, 1), '998500')).events.length, 6)
})

t.test('time-outs that were changed are heeded', async (t) => {
  const changed = { ...settings, nf_conntrack_tcp_timeout_time_wait: '300\n' }
  const procDir = t.testdir(tree(UPLOADS, changed))
  t.match((await run(procDir, fakeClock(1_000_000, 1))).events, [{ atMs: 819_000 }])
})

t.test('tells rows that it cannot read, once', async (t) => {
  const { events, collector } = await run(t.testdir(tree('nonsense\n')), fakeClock(1_000, 2))
  t.match(events, [{ kind: 'loss', atMs: 1_000, count: 1, reason: 'malformed' }])
  t.equal(events.length, 1)
  t.match(collector.counters, { received: 2, malformed: 2 })
})

t.test('says what is missing: accounting, tracking', async (t) => {
  const off = t.testdir(tree(UPLOADS, { ...settings, nf_conntrack_acct: '0\n' }))
  const { collector, events } = await run(off, fakeClock(1_000, 1))
  t.match(collector.degraded?.(), /sysctl -w net.netfilter.nf_conntrack_acct=1/)
  t.equal(events.length, 6)

  const untracked = t.testdir(tree(''))
  t.match((await run(untracked, fakeClock(1_000, 1))).collector.degraded?.(), /nft/)
  writeFileSync(`${untracked}/net/tcp`, 'header\n')
  t.equal((await run(untracked, fakeClock(1_000, 1))).collector.degraded?.(), undefined)
})

t.test('without a table, or with too long a one, it asks the tool', async (t) => {
  const missing = { code: 'ERR_SOURCE_UNAVAILABLE', remedy: /install the package conntrack/ }
  const bare = t.testdir({ net: { tcp: TCP_OPEN } })
  await t.rejects(run(bare, fakeClock(1_000, 1)), missing)
  await t.rejects(run(t.testdir(tree(UPLOADS)), fakeClock(1_000, 1), undefined, 5), missing)
})

t.test('a table that only root may read is a lost source', async (t) => {
  // A folder in its place cannot be read either, by root neither.
  const procDir = t.testdir({ net: { nf_conntrack: {} } })
  await t.rejects(run(procDir, fakeClock(1_000, 1)), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: /nf_conntrack: is a folder/,
    remedy: /root/,
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Event } from '../../platform/event.ts'
import { MAX_WAL_BYTES } from '../../storage/checkpoint.ts'
import { openStore } from '../../storage/database.ts'
import { databasePath } from '../../storage/folder.ts'
import { alerted, connected, found, observed } from '../support/store.ts'

const MIB = 2 ** 20
/** Events that do not compress: `bytes` of noise each. */
const noise = (n: number, bytes = 1_000): Event[] =>
  Array.from({ length: n }, (_, i) => {
    const { kind, ...rest } = connected(i)
    return {
      kind: 'name-resolved',
      ...rest,
      domain: randomBytes(bytes).toString('base64'),
      addresses: [],
    }
  })

t.test('a batch is all or nothing', async (t) => {
  const store = openStore({ folder: ':memory:' })
  const broken = { ...observed('a', 1), observation: { atMs: 1, connections: Number.NaN } }
  const bookmarks = new Map([['linux.audit', '2']])
  t.throws(() => store.record({ events: [connected(1)], observations: [broken], bookmarks }))
  t.equal(store.bookmark('linux.audit'), undefined)
  t.match(store.stats(), { events: 0, series: 0, transfers: 0 })
  store.record({ events: [connected(1)], observations: [observed('a', 1)], bookmarks })
  t.match(store.stats(), { events: 1, series: 1, transfers: 1 }, 'and the next one counts right')
})

t.test('a series comes with the gaps since it began', async (t) => {
  const store = openStore({ folder: ':memory:' })
  const gaps = [
    { fromMs: 10, toMs: 20, reason: 'restart' },
    { fromMs: 150, toMs: 160, reason: 'overrun' },
  ]
  store.record({ observations: [observed('a', 100), observed('a', 200)], gaps })
  t.strictSame(store.series('a')?.gaps, gaps.slice(1))
  t.strictSame(store.gaps(0), gaps)
})

t.test('a finding makes its series worth keeping, and goes with it', async (t) => {
  const store = openStore({ folder: ':memory:', maxSeries: 2 })
  store.record({ observations: [observed('old', 1)], findings: [found('old'), found('unknown')] })
  t.equal(store.finding('unknown'), undefined, 'there is none without its series')
  store.record({ observations: [observed('b', 2), observed('c', 3), observed('d', 4)] })
  t.ok(store.finding('old'))
  t.strictSame(store.seriesKeys(), ['d', 'old'])
  store.record({ findings: [found('old', { verdict: 'irregular' })] })
  store.record({ observations: [observed('e', 5), observed('f', 6)] })
  t.equal(store.finding('old'), undefined)
  t.equal(store.stats().evictedSeries, 4)
})

t.test('status tells what there is', async (t) => {
  const store = openStore({ folder: ':memory:' })
  t.match(store.stats(), { events: 0, maxBytes: 512 * MIB, evictedAlerts: 0 })
  t.notOk('oldestEventMs' in store.stats() || 'oldestTransferMs' in store.stats())
  store.record({
    events: [connected(5), connected(8)],
    observations: [observed('a', 7)],
    findings: [found('a', { disposition: 'known' })],
    alerts: [alerted('x', 9), alerted('y', 9), alerted('z', 9)],
  })
  store.markSent('main', [{ id: 'x', revision: 1 }])
  const refused = { id: 'y', revision: 1, reason: 'no', document: '{}' }
  store.markRejected('main', [refused], 5)
  store.markRejected('main', [{ ...refused, reason: 'late' }], 6)
  t.match(store.stats(), {
    events: 2,
    oldestEventMs: 5,
    newestEventMs: 8,
    oldestTransferMs: 7,
    newestTransferMs: 7,
    findings: { recurring: 1, known: 1, allowed: 0 },
    alerts: { waiting: 1, sent: 1 },
    deadLetters: 1,
  })
})

t.test(
  'the file stays below its bound, the WAL below its own, and the newest are kept',
  async (t) => {
    const folder = join(t.testdir(), 'data')
    const store = openStore({ folder, maxBytes: 4 * MIB, maxEventBytes: 64 * MIB })
    t.teardown(() => store.close())
    const ROUNDS = 150
    let largestBytes = 0
    let largestWalBytes = 0
    for (let round = 0; round < ROUNDS; round++) {
      const observations = Array.from({ length: 40 }, (_, i) => observed(`s${round}-${i}`, round))
      store.record({ events: noise(200), observations, bookmarks: new Map([['x', `${round}`]]) })
      largestBytes = Math.max(largestBytes, statSync(databasePath(folder)).size)
      largestWalBytes = Math.max(largestWalBytes, statSync(`${databasePath(folder)}-wal`).size)
    }
    t.ok(largestBytes <= 4 * MIB, `file ${largestBytes}`)
    t.ok(largestWalBytes <= MAX_WAL_BYTES + MIB, `WAL ${largestWalBytes}`)
    const { events, evictedEvents, series, evictedSeries } = store.stats()
    t.equal(events + evictedEvents, ROUNDS * 200)
    t.ok(events >= 1_000, `${events} events kept`)
    t.strictSame(
      { series, evictedSeries },
      { series: 40 * ROUNDS, evictedSeries: 0 },
      'events went first',
    )
  },
)

t.test('a file full of series gives up the least interesting', async (t) => {
  const folder = join(t.testdir(), 'data')
  const store = openStore({ folder, maxBytes: 2 * MIB })
  t.teardown(() => store.close())
  const context = JSON.stringify('x'.repeat(1_500))
  store.record({ observations: [observed('kept', 1)], findings: [found('kept')] })
  for (let i = 0; i < 3_000; i += 20) {
    const keys = Array.from({ length: 20 }, (_, j) => `once-${i + j}`)
    store.record({ observations: keys.map((key) => observed(key, i + 2, { context })) })
  }
  const { series, evictedSeries } = store.stats()
  t.equal(series + evictedSeries, 3_001)
  t.ok(series > 200 && evictedSeries > 200, `${series} kept, ${evictedSeries} evicted`)
  t.ok(statSync(databasePath(folder)).size <= 2 * MIB)
  t.ok(store.series('kept'))
  t.ok(store.series('once-2999'))
})

t.test('a batch that needs half of a full file gets it', async (t) => {
  const store = openStore({ folder: join(t.testdir(), 'data'), maxBytes: 2 * MIB })
  t.teardown(() => store.close())
  for (let i = 0; i < 60; i++) store.record({ events: noise(50) })
  t.ok(store.stats().evictedEvents > 0, 'it is full')
  store.record({ events: noise(900), bookmarks: new Map([['x', '1']]) })
  t.equal(store.bookmark('x'), '1')
  t.ok(store.stats().events >= 900)
})

t.test('a batch larger than the file is refused whole', async (t) => {
  const store = openStore({ folder: join(t.testdir(), 'data'), maxBytes: MIB })
  t.teardown(() => store.close())
  store.record({ events: [connected(1)], bookmarks: new Map([['x', '1']]) })
  const batch = { events: noise(2_000), bookmarks: new Map([['x', '2']]) }
  t.throws(() => store.record(batch), { code: 'ERR_STORE_FULL', remedy: /free/ })
  t.equal(store.bookmark('x'), '1')
  t.equal(store.stats().events, 1, 'nothing was evicted for it')
  store.record({ events: [connected(2)], bookmarks: new Map([['x', '3']]) })
  t.equal(store.bookmark('x'), '3')
})

const ON_SMALL_DISK = 'on a full disk nothing is stored, and it goes on when there is room'
const withoutRoot = process.geteuid?.() === 0 ? false : 'needs root, to mount a small disk'
t.test(ON_SMALL_DISK, { skip: withoutRoot }, async (t) => {
  const disk = mkdtempSync(join(tmpdir(), 'tidewatch-disk-'))
  const mount = ['-t', 'tmpfs', '-o', 'size=3m', 'tidewatch-test', disk]
  const mounted = spawnSync('mount', mount)
  if (mounted.status !== 0) {
    rmdirSync(disk)
    t.pass('cannot mount here', { skip: `${mounted.stderr}` })
    return
  }
  const store = openStore({ folder: join(disk, 'data') })
  try {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(1_200_000))
    let acknowledged = 0
    const record = () => {
      const atMs = acknowledged + 1
      const bookmarks = new Map([['x', `${atMs}`]])
      store.record({ events: noise(50), observations: [observed('a', atMs)], bookmarks })
      acknowledged = atMs
    }
    const fill = () => {
      for (let i = 0; i < 200; i++) record()
    }
    const agrees = (when: string) => {
      t.equal(store.bookmark('x'), `${acknowledged}`, when)
      t.equal(store.series('a')?.totalObservations, acknowledged, when)
      t.equal(store.stats().events, 50 * acknowledged, when)
    }
    t.throws(fill, { code: 'ERR_STORE_FULL', message: /no room/ })
    t.throws(record, { code: 'ERR_STORE_FULL' }, 'as long as there is none')
    agrees('while it is full')
    rmSync(join(disk, 'ballast'))
    record()
    agrees('when there is room again')
  } finally {
    store.close()
    execFileSync('umount', [disk])
    rmdirSync(disk)
  }
})

import t from 'tap'
import type { RecordedTransfer } from '../../../agent/correlate/transfers.ts'
import { type TransferTable, transferTable } from '../../../agent/hunt/transfer-table.ts'
import type { Schedule } from '../../../platform/event.ts'

const recorded = (startMs: number, change: Partial<RecordedTransfer['transfer']> = {}) => ({
  identity: { key: 'k', destinationPort: 443 },
  transfer: {
    seriesKey: 'k',
    startMs,
    endMs: startMs,
    connections: 2,
    sourceIp: '10.0.0.5',
    destination: { ip: '203.0.113.9', port: 443 },
    lineage: [],
    datasets: ['windows.sysmon'],
    ...change,
  },
})

const add = (table: TransferTable, name: string, transfer: RecordedTransfer) =>
  table.add({ name, place: '/', transfers: [transfer], gaps: [] })

t.test('transfers of one key are a series of its host', async (t) => {
  const table = transferTable(10)
  add(table, 'a', recorded(2000))
  add(table, 'a', recorded(1000, { sourceIp: '10.0.0.4' }))
  add(table, 'b', recorded(1500))
  add(table, 'a', recorded(3000, { seriesKey: 'other' }))
  t.match(table, { size: 3, firstMs: 1000, lastMs: 3000, dropped: 0 })
  const [first] = table.series()
  t.match(first, {
    transfers: 2,
    firstMs: 1000,
    lastMs: 2000,
    sourceIp: '10.0.0.5',
    destinationIp: '203.0.113.9',
    destinationPort: 443,
    transport: 'tcp',
    sender: { host: 'a', transfer: { startMs: 2000 } },
  })
  const observations = first && table.observations(first).observations
  t.strictSame(observations, [
    { atMs: 1000, connections: 2 },
    { atMs: 2000, connections: 2 },
  ])
})

t.test('a transfer that comes again is better known', async (t) => {
  const table = transferTable(10)
  add(table, 'a', recorded(1000))
  add(table, 'a', recorded(1000, { sentBytes: 70, connections: 3 }))
  const [series] = table.series()
  t.match(series, { transfers: 1, sentBytes: 70 })
  t.strictSame(series && table.observations(series).observations, [
    { atMs: 1000, connections: 3, sentBytes: 70 },
  ])
})

t.test('the newest are kept and all are counted', async (t) => {
  const table = transferTable(3)
  for (let i = 0; i < 10; i++) add(table, 'a', recorded(i * 1000))
  const [series] = table.series()
  t.equal(series?.transfers, 10)
  t.strictSame(
    series && table.observations(series).observations.map(({ atMs }) => atMs),
    [7000, 8000, 9000],
  )
})

t.test('a transfer that is told late finds its place', async (t) => {
  const table = transferTable(10)
  for (const at of [1000, 3000, 2000])
    add(table, 'a', recorded(at, { sourceIp: `10.0.0.${at / 1000}` }))
  const [series] = table.series()
  t.match(series, { lastMs: 3000, sourceIp: '10.0.0.3' })
  const { observations = [] } = series ? table.observations(series) : {}
  t.strictSame(
    observations.map(({ atMs }) => atMs),
    [1000, 2000, 3000],
  )
})

t.test('what its host told besides comes with a series', async (t) => {
  const schedule: Schedule = { id: 'x', scheduler: 'cron', command: '/a' }
  const table = transferTable(10, ({ name }) => (name === 'a' ? [schedule] : []))
  add(table, 'a', recorded(5000))
  add(table, 'b', recorded(9000))
  const gap = (fromMs: number) => ({ fromMs, toMs: fromMs + 10, reason: 'overrun' })
  table.add({ name: 'a', place: '/', transfers: [], gaps: [gap(7000), gap(10), gap(6000)] })
  const [a, b] = table.series()
  t.strictSame(a && table.observations(a).surroundings, {
    gaps: [gap(6000), gap(7000)],
    schedules: [schedule],
    lastMs: 5000,
  })
  t.match(b && table.observations(b).surroundings, { gaps: [], schedules: [], lastMs: 9000 })
})

import t from 'tap'
import type { RecordedTransfer } from '../../../agent/correlate/transfers.ts'
import { transferTable } from '../../../agent/hunt/transfer-table.ts'

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

t.test('transfers of one key are a series of its host', async (t) => {
  const table = transferTable(10)
  table.add('a', recorded(2000))
  table.add('a', recorded(1000, { sourceIp: '10.0.0.4' }))
  table.add('b', recorded(1500))
  table.add('a', recorded(3000, { seriesKey: 'other' }))
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
  table.add('a', recorded(1000))
  table.add('a', recorded(1000, { sentBytes: 70, connections: 3 }))
  const [series] = table.series()
  t.match(series, { transfers: 1, sentBytes: 70 })
  t.strictSame(series && table.observations(series).observations, [
    { atMs: 1000, connections: 3, sentBytes: 70 },
  ])
})

t.test('the newest are kept and all are counted', async (t) => {
  const table = transferTable(3)
  for (let i = 0; i < 10; i++) table.add('a', recorded(i * 1000))
  const [series] = table.series()
  t.equal(series?.transfers, 10)
  t.strictSame(
    series && table.observations(series).observations.map(({ atMs }) => atMs),
    [7000, 8000, 9000],
  )
})

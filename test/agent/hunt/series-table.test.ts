import fc from 'fast-check'
import t from 'tap'
import { seriesTable } from '../../../agent/hunt/series-table.ts'
import type { RecordedConnection } from '../../../platform/recordings/zeek-record.ts'
import { holds } from '../../support/holds.ts'
import { recorded } from '../../support/recorded.ts'

const tableOf = (connections: readonly RecordedConnection[], maxObservations = 10) => {
  const table = seriesTable({
    maxObservations,
    nameOf: (_client, address) => (address.startsWith('192.0.2.') ? 'cdn.example' : undefined),
  })
  for (const one of connections) table.add(one)
  return table
}
const seriesOf = (connections: readonly RecordedConnection[], maxObservations = 10) => {
  const table = tableOf(connections, maxObservations)
  return [...table.series()].map((series) => table.observations(series))
}
const at = (startMs: number, fields: Partial<RecordedConnection> = {}) =>
  recorded({ startMs, sourcePort: startMs, ...fields })

t.test('source, destination, port and transport make a series', async (t) => {
  const found = seriesOf([
    at(1),
    at(2),
    at(3, { sourceIp: '10.0.0.6' }),
    at(4, { destinationIp: '203.0.113.10' }),
    at(5, { destinationPort: 80 }),
    at(6, { transport: 'udp' }),
  ])
  t.strictSame(
    found.map(({ series }) => series.transfers),
    [2, 1, 1, 1, 1],
  )
  t.match(found[4], { series: { transport: 'udp', destinationPort: 443, domain: undefined } })
})

t.test('a name joins its addresses, and the latest stands for them', async (t) => {
  const found = seriesOf([
    at(2, { destinationIp: '192.0.2.2' }),
    at(1, { destinationIp: '192.0.2.1' }),
  ])
  t.match(found, [{ series: { domain: 'cdn.example', destinationIp: '192.0.2.2', transfers: 2 } }])
})

t.test('a probe makes no series', async (t) => {
  const table = tableOf([at(1, { isTransfer: false })])
  t.match(table, { probes: 1, size: 0, firstMs: 1, lastMs: 1 })
})

t.test('a call that sent nothing is a beat of a series that has sent', async (t) => {
  const [found] = seriesOf([at(1), at(2, { isTransfer: false, sentBytes: 0 }), at(3)])
  t.strictSame(
    found?.observations.map(({ atMs, sentBytes }) => [atMs, sentBytes]),
    [1, 2, 3].map((atMs) => [atMs, atMs === 2 ? 0 : found?.observations[0]?.sentBytes]),
  )
})

t.test('a connection told twice is one, as it was known better', async (t) => {
  const open = at(5, { sentBytes: 10, receivedBytes: undefined })
  const closed = at(5, { sentBytes: 90, receivedBytes: 7 })
  for (const order of [
    [open, closed, at(9)],
    [closed, at(9), open],
  ]) {
    const [found] = seriesOf(order)
    t.match(found, {
      series: { transfers: 2, sentBytes: 190, receivedBytes: 207 },
      observations: [
        { atMs: 5, connections: 1, sentBytes: 90, receivedBytes: 7 },
        { atMs: 9, connections: 1 },
      ],
    })
  }
})

t.test('connections of one millisecond are one observation', async (t) => {
  const same = [1, 2, 3].map((port) => recorded({ startMs: 5.2, sourcePort: port }))
  t.match(seriesOf(same), [
    {
      series: { transfers: 3, sentBytes: 300 },
      observations: [{ atMs: 5, connections: 3, sentBytes: 300, receivedBytes: 600 }],
    },
  ])
})

t.test('bytes that nobody counted stay unknown', async (t) => {
  const [found] = seriesOf([at(1, { sentBytes: undefined })])
  t.notOk('sentBytes' in (found?.observations[0] ?? {}))
})

t.test('what the sensor knows of its network is counted', async (t) => {
  const local = { isSourceLocal: true, isDestinationLocal: false }
  const [found] = seriesOf([at(1, local), at(2, local), at(3)])
  t.match(found?.series, { sourceVotes: 2, destinationVotes: -2 })
})

t.test('properties', async (t) => {
  const starts = fc.uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 100 })
  const newest = fc.property(starts, (all) => {
    const [found] = seriesOf(
      all.map((startMs) => at(startMs)),
      10,
    )
    t.strictSame(
      found?.observations.map(({ atMs }) => atMs),
      all.toSorted((a, b) => a - b).slice(-10),
    )
    t.match(found?.series, {
      transfers: all.length,
      sentBytes: 100 * all.length,
      firstMs: Math.min(...all),
      lastMs: Math.max(...all),
    })
  })
  holds(t, 'keeps the newest, in order, and counts all, in any order of arrival', newest)
})

import t from 'tap'
import {
  directionOf,
  isToEveryone,
  localHosts,
  type Network,
  parseNetwork,
} from '../../../agent/hunt/direction.ts'
import { seriesTable } from '../../../agent/hunt/series-table.ts'
import type { RecordedConnection } from '../../../platform/recordings/zeek-record.ts'
import { recorded } from '../../support/recorded.ts'

const HERE = '198.51.100.7'

function directions(flows: readonly Partial<RecordedConnection>[], ...cidrs: string[]) {
  const table = seriesTable({ maxObservations: 10, nameOf: () => undefined })
  for (const [i, flow] of flows.entries())
    table.add(recorded({ ...flow, startMs: i, sourcePort: i }))
  const isLocal = localHosts(table.series(), cidrs.map(parseNetwork) as Network[])
  return [...table.series()].map((series) => directionOf(series, isLocal))
}
const flow = (sourceIp: string, destinationIp: string) => ({ sourceIp, destinationIp })

t.test('private addresses are ours', async (t) => {
  const flows = [
    flow('10.0.0.5', '203.0.113.9'),
    flow('203.0.113.9', '10.0.0.5'),
    flow('10.0.0.5', '192.168.1.1'),
    flow('fd00::5', '2001:db8::1'),
    flow('203.0.113.9', '203.0.113.10'),
  ]
  t.strictSame(directions(flows), ['outbound', 'inbound', 'internal', 'outbound', 'external'])
})

t.test('a mask is in no network that is named ours', async (t) => {
  const flows = [flow('10.0.0.5', 'masked:IPv4#03906bbc')]
  t.strictSame(directions(flows, '10.0.0.0/8', '::/0'), ['outbound'])
})

t.test('what the sensor noted tells public addresses apart', async (t) => {
  const flows = [
    { ...flow('203.0.113.9', HERE), isSourceLocal: false, isDestinationLocal: true },
    flow(HERE, '203.0.113.10'),
  ]
  t.strictSame(directions(flows), ['inbound', 'outbound'])
})

t.test('the host that most transfers have in common is where it was recorded', async (t) => {
  const flows = [
    flow('203.0.113.1', HERE),
    flow('203.0.113.2', HERE),
    flow(HERE, '203.0.113.3'),
    flow('203.0.113.4', '203.0.113.5'),
  ]
  t.strictSame(directions(flows), ['inbound', 'inbound', 'outbound', 'external'])
})

t.test('of two hosts alone nobody can tell which is ours', async (t) => {
  t.strictSame(directions([flow('203.0.113.1', HERE), flow('203.0.113.1', HERE)]), ['external'])
})

t.test('a network that a person named stands above all', async (t) => {
  const flows = [{ ...flow('203.0.113.9', HERE), isDestinationLocal: true }, flow(HERE, '10.0.0.5')]
  t.strictSame(directions(flows, '203.0.113.0/24'), ['outbound', 'external'])
  t.strictSame(directions(flows, HERE), ['inbound', 'outbound'])
})

t.test('what stays on the link leaves nothing', async (t) => {
  const flows = [flow('10.0.0.5', '224.0.0.251'), flow('fe80::5', 'ff02::fb')]
  t.strictSame(directions(flows), ['internal', 'internal'])
  t.ok(isToEveryone('224.0.0.251'))
  t.ok(isToEveryone('255.255.255.255'))
  t.notOk(isToEveryone('10.0.0.5'))
})

t.test('reads networks and single addresses, and nothing else', async (t) => {
  t.match(parseNetwork('10.0.0.0/8')?.[1], 8)
  t.match(parseNetwork('2001:db8::1')?.[1], 128)
  t.equal(parseNetwork('10.0.0.0/40'), undefined)
  t.equal(parseNetwork('home'), undefined)
})

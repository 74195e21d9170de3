import t from 'tap'
import { linuxConntrack } from '../../../../agent/hunt/formats/linux-conntrack.ts'
import { conntrackLog } from '../../../support/linux-host.ts'
import { readFormat } from '../../../support/read-format.ts'

const START = 1_700_000_000_000
const runs = (destination: string, count: number, from = START) => ({
  ...{ script: '/a', destination, port: 443, sentBytes: 7_000, pid: 1 },
  startsMs: Array.from({ length: count }, (_, i) => from + i * 60_000),
})

t.test('of a host, they are the connections that it opened', async (t) => {
  const log = conntrackLog([runs('203.0.113.9', 2), runs('198.51.100.7', 1, START + 30_000)])
  const { events, connections, counts } = readFormat(linuxConntrack, log)
  t.equal(connections.length, 0)
  t.match(counts, { rows: 12, connections: 0, malformed: 0 })
  const told = events.map(
    ({ event }) =>
      event.kind === 'connection' && [event.phase, event.startMs ?? event.atMs, event.sentBytes],
  )
  t.strictSame(told.slice(0, 3), [
    ['start', START + 50, undefined],
    ['end', START + 50, 7_000],
    ['start', START + 30_050, undefined],
  ])
  t.equal(events.length, 6)
})

t.test('of a router, they are those of a network', async (t) => {
  const log = ['10.0.0.5', '10.0.0.6', '10.0.0.7']
    .map((source, i) => conntrackLog([runs(`203.0.113.${i}`, 3, START + i)], source))
    .join('')
  const { events, connections } = readFormat(linuxConntrack, log)
  t.equal(events.length, 0)
  t.equal(connections.length, 9)
  t.match(connections[0], {
    ...{ startMs: START + 50, sourceIp: '10.0.0.5', destinationIp: '203.0.113.0' },
    ...{ sentBytes: 7_000, receivedBytes: 300, isTransfer: true },
  })
})

t.test('a TCP connection that nobody answered is none; a datagram is sent', async (t) => {
  const tuple = (port: number) =>
    `src=10.0.0.5 dst=203.0.113.9 sport=9 dport=${port} [UNREPLIED] src=203.0.113.9 dst=10.0.0.5 sport=${port} dport=9`
  const log = [
    `[1700000000.000001]\t    [NEW] tcp      6 120 SYN_SENT ${tuple(80)}`,
    `[1700000000.000001]\t    [NEW] udp      17 30 ${tuple(53)}`,
    `[1700000120.000001]\t[DESTROY] tcp      6 ${tuple(80)}`,
    'udp 17 30 no time',
    `udp      17 30 ${tuple(53)}`,
  ].join('\n')
  const { events, faults } = readFormat(linuxConntrack, log)
  t.match(events, [{ event: { transport: 'udp', destination: { port: 53 } } }])
  t.equal(events.length, 1)
  t.match(faults, [{ line: 4 }, { line: 5, reason: /-o timestamp/ }])
})

t.test('without its beginning, a flow began when its age says', async (t) => {
  const flow =
    'src=10.0.0.5 dst=203.0.113.9 sport=9 dport=80 packets=10 bytes=7528 src=203.0.113.9 dst=10.0.0.5 sport=80 dport=9 packets=10 bytes=828 [ASSURED] delta-time=30'
  const { events } = readFormat(
    linuxConntrack,
    `[1700000100.000000]\t[DESTROY] tcp      6 ${flow}\n`,
  )
  t.match(events, [{ event: { phase: 'end', startMs: 1_700_000_070_000, sentBytes: 7_000 } }])
})

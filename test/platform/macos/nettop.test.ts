import fc from 'fast-check'
import t from 'tap'
import { parseNettop } from '../../../platform/macos/nettop.ts'
import { holds } from '../../support/holds.ts'

const HEADER =
  'time,,interface,state,bytes_in,bytes_out,rx_dupe,rx_ooo,re-tx,rtt_avg,rcvsize,tx_win,tc_class,tc_mgt,cc_algo,P,C,R,W,arch,'
const ofProcess = (what: string, received = '100', sent = '200') =>
  `18:18:38.329546,${what},,,${received},${sent},0,0,0,,,,,,,,,,,,`
const ofConnection = (what: string, received = '1', sent = '2') =>
  `18:18:38.329237,${what},en0,Established,${received},${sent},0,0,0,,,,,,,,,,,so,`
const read = (...lines: readonly string[]) => parseNettop([HEADER, ...lines, ''].join('\n'))

t.test('bytes of processes', async (t) => {
  t.strictSame(read(ofProcess('Slack Helper.5034', '108093', '67721')), {
    processes: [{ pid: 5034, name: 'Slack Helper', sentBytes: 67_721, receivedBytes: 108_093 }],
    connections: [],
    listening: new Set(),
    malformed: 0,
  })
})

t.test('bytes of connections belong to the process above them', async (t) => {
  const { connections, malformed } = read(
    ofProcess('com.apple.WebKit.Networking.1398'),
    ofConnection('tcp4 192.168.1.1:50001<->1.2.3.4:443'),
    ofConnection('tcp6 2001:db8::1.50002<->2606:4700::1111.443'),
    ofConnection('tcp6 [2001:db8::1]:50003<->[2606:4700::1111]:443'),
    ofProcess('b.2'),
    ofConnection('udp4 10.0.0.1:9993<->8.8.8.8:53', '17411503', '19446381'),
  )
  t.equal(malformed, 0)
  t.strictSame(
    connections.map(({ pid, transport, destination }) => [pid, transport, destination]),
    [
      [1398, 'tcp', { ip: '1.2.3.4', port: 443 }],
      [1398, 'tcp', { ip: '2606:4700::1111', port: 443 }],
      [1398, 'tcp', { ip: '2606:4700::1111', port: 443 }],
      [2, 'udp', { ip: '8.8.8.8', port: 53 }],
    ],
  )
  t.match(connections[3], { sentBytes: 19_446_381, receivedBytes: 17_411_503 })
})

t.test('sockets without a peer are read and told nothing of', async (t) => {
  const { connections, listening, malformed } = read(
    ofProcess('mDNSResponder.272'),
    ofConnection('udp6 *.5353<->*.*'),
    ofConnection('udp4 *:5353<->*:*'),
    ofConnection('tcp4 127.0.0.1:631<->*:*'),
  )
  t.strictSame([connections, malformed], [[], 0])
  t.strictSame([...listening], ['udp 5353', 'tcp 631'])
})

t.test('other columns, a comma in a name, a control character before the header', async (t) => {
  const text = `\u0004\b\btime,,bytes_in,bytes_out,\n1,a, b.7,5,6,\n`
  t.strictSame(parseNettop(text).processes, [
    { pid: 7, name: 'a, b', sentBytes: 6, receivedBytes: 5 },
  ])
})

for (const [name, line] of Object.entries({
  'a row without a pid': ofProcess('nameonly'),
  'bytes that are no number': ofProcess('a.1', 'many'),
  'a row that was cut': '18:18:38.329546,a.1,,',
  'a connection of nobody': ofConnection('tcp4 1.1.1.1:1<->2.2.2.2:2'),
})) {
  t.test(`counts ${name}`, async (t) => t.match(read(line), { processes: [], malformed: 1 }))
}

t.test('nothing counts before a header', async (t) => {
  t.match(parseNettop(ofProcess('a.1')), { processes: [], connections: [], malformed: 1 })
})

t.test('properties', async (t) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(HEADER, ofProcess('a.1'), ofConnection('tcp4 1.1.1.1:1<->2.2.2.2:2')),
  )
  const books = fc.property(fc.array(line), (lines) => {
    const text = lines.map((one) => one.replaceAll('\n', '')).join('\n')
    const { processes, connections, malformed } = parseNettop(text)
    return processes.length + connections.length + malformed <= lines.length
  })
  holds(t, 'never throws, and no row is counted twice', books)
})

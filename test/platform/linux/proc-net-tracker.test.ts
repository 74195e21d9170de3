import { readFileSync } from 'node:fs'
import t from 'tap'
import { socketTracker } from '../../../platform/linux/proc-net-tracker.ts'

const GOLDEN = 'test/golden/linux/proc-net/linux-6.18-mixed'
const AT_MS = 1_000_000_000

/** A row as the kernel prints it; without inode its owner is root. */
const row = (local: string, remote: string, state: string, inode = 0, timer = '00:00000000') =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 ${timer} 00000000  1000        0 ${inode} 1`
const tcp = (...rows: string[]) => [
  { transport: 'tcp' as const, text: ['header', ...rows].join('\n') },
]
const udp = (...rows: string[]) => [
  { transport: 'udp' as const, text: ['header', ...rows].join('\n') },
]

const A = '0107630A:8180'
const B = '0207630A:1F90'
const NOWHERE = '00000000:0000'
const ESTABLISHED = '01'
const FIN_WAIT_2 = '05'
const TIME_WAIT = '06'
const LISTEN = '0A'

t.test('tells the outbound connections of a recorded host, and no others', async (t) => {
  const tables = (['tcp', 'tcp6', 'udp', 'udp6'] as const).map((name) => ({
    transport: name.startsWith('tcp') ? ('tcp' as const) : ('udp' as const),
    text: readFileSync(`${GOLDEN}.${name}`, 'utf8'),
  }))
  const { opened, ended, ...counts } = socketTracker().look(tables, AT_MS)
  t.strictSame(
    opened.map(({ transport, destination, uid, inode }) => ({
      transport,
      destination,
      uid,
      inode,
    })),
    [
      {
        transport: 'tcp',
        destination: { ip: '10.99.7.2', port: 8080 },
        uid: 65_534,
        inode: 86_617,
      },
      { transport: 'tcp', destination: { ip: 'fd07::2', port: 8080 }, uid: 0, inode: 85_565 },
      { transport: 'udp', destination: { ip: '10.99.7.2', port: 514 }, uid: 0, inode: 86_606 },
    ],
  )
  t.match(ended, [{ socket: { source: { ip: '10.99.7.1', port: 33_152 } }, endMs: AT_MS - 2_010 }])
  t.strictSame(counts, { received: 6, told: 4, ignored: 2, malformed: 0 })
})

t.test('a connection is told once when it opens and once when it is over', async (t) => {
  const tracker = socketTracker()
  const open = tcp(row(A, B, ESTABLISHED, 7))
  t.match(tracker.look(open, 1_000), { opened: [{ inode: 7 }], ended: [] })
  t.match(tracker.look(open, 2_000), { opened: [], ended: [], ignored: 1 })
  t.match(tracker.look(tcp(row(A, B, FIN_WAIT_2)), 3_000), { opened: [], ended: [] })
  const over = tracker.look(tcp(row(A, B, TIME_WAIT, 0, '03:00001770')), 4_000)
  t.match(over, { opened: [], ended: [{ endMs: 4_000, socket: { inode: 7 } }] })
  t.equal(over.ended.length, 1)
  t.match(tracker.look(tcp(row(A, B, TIME_WAIT, 0, '03:00001000')), 5_000), { ended: [] })
  t.strictSame(tracker.look(tcp(), 6_000).ended, [])
})

t.test('one that vanishes is over when it is missed', async (t) => {
  const tracker = socketTracker()
  tracker.look(tcp(row(A, B, ESTABLISHED, 7)), 1_000)
  t.match(tracker.look(tcp(), 2_000), { ended: [{ endMs: 2_000, socket: { inode: 7 } }] })
})

t.test('the same four numbers with another inode are another connection', async (t) => {
  const tracker = socketTracker()
  tracker.look(tcp(row(A, B, ESTABLISHED, 7)), 1_000)
  const reused = tracker.look(tcp(row(A, B, ESTABLISHED, 8)), 2_000)
  t.match(reused, { opened: [{ inode: 8 }], ended: [{ socket: { inode: 7 } }], told: 1 })
  tracker.look(tcp(row(A, B, TIME_WAIT)), 3_000)
  t.match(tracker.look(tcp(row(A, B, ESTABLISHED, 9)), 4_000), {
    opened: [{ inode: 9 }],
    ended: [],
  })
})

t.test('what this host listens on is inbound, also after the listener closed', async (t) => {
  const any = `${'0'.repeat(32)}:8180`
  const listener = row(any, `${'0'.repeat(32)}:0000`, LISTEN, 5)
  const tracker = socketTracker()
  t.match(tracker.look(tcp(listener), 1_000), { opened: [], ignored: 1 })
  t.strictSame(tracker.look(tcp(row(A, B, ESTABLISHED, 7)), 2_000).opened, [], 'listened just now')
  t.strictSame(tracker.look(tcp(row(A, B, TIME_WAIT)), 3_000).ended, [])

  const other = row('0100007F:8180', NOWHERE, LISTEN, 5)
  const elsewhere = socketTracker().look(tcp(other, row(A, B, ESTABLISHED, 7)), 1_000)
  t.equal(elsewhere.opened.length, 1, 'a listener on another address does not make it inbound')
})

t.test('UDP counts when it is connected and nobody listens on its port', async (t) => {
  const unbound = row('00000000:8180', NOWHERE, '07', 5)
  t.strictSame(socketTracker().look(udp(unbound, row(A, B, ESTABLISHED, 7)), 1_000).opened, [])
  t.equal(socketTracker().look(udp(row(A, B, ESTABLISHED, 7)), 1_000).opened.length, 1)
})

t.test('a connection that is only attempted is none', async (t) => {
  t.match(socketTracker().look(tcp(row(A, B, '02', 7)), 1_000), { opened: [], ignored: 1 })
})

t.test('what was over before an earlier run stopped is not told again', async (t) => {
  const rows = tcp(row(A, B, TIME_WAIT, 0, '03:000003E8')) // over for 50 s
  t.equal(socketTracker(40_000).look(rows, 100_000).ended.length, 1)
  t.equal(socketTracker(60_000).look(rows, 100_000).ended.length, 0)
})

t.test('counts what it cannot read', async (t) => {
  t.match(socketTracker().look(tcp('nonsense', row(A, B, ESTABLISHED, 7)), 1_000), {
    received: 2,
    told: 1,
    malformed: 1,
  })
})

import { readFileSync } from 'node:fs'
import t from 'tap'
import { type ConntrackFlow, parseConntrackLine } from '../../../platform/linux/conntrack.ts'
import { conntrackTracker } from '../../../platform/linux/conntrack-tracker.ts'

const GOLDEN = 'test/golden/linux/conntrack/linux-6.18-mixed.table'
const AT_MS = 1_000_000_000
const HOST = new Set(['10.0.0.1', '10.99.7.1', 'fd07::1', '127.0.0.1'])
const dataset = 'linux.conntrack'

function flow(text: string): ConntrackFlow {
  const result = parseConntrackLine(text)
  if (!result.ok || result.value === undefined) throw new Error(`not a flow: ${text}`)
  return result.value
}

/** @param head transport to state, `packets` of the original direction, each of 152 bytes */
const row = (head: string, packets: number, from = '10.0.0.1', to = '192.0.2.7', rest = '') =>
  flow(
    `${head} src=${from} dst=${to} sport=4001 dport=443 packets=${packets} bytes=${packets * 152} src=${to} dst=${from} sport=443 dport=4001 packets=1 bytes=60 [ASSURED] mark=0${rest}`,
  )
const ESTABLISHED = 'tcp 6 431999 ESTABLISHED'

t.test('tells the flows that a recorded host opened, and no others', async (t) => {
  const flows = readFileSync(GOLDEN, 'utf8').trim().split('\n').map(flow)
  const { events, told } = conntrackTracker({ dataset }).look(flows, HOST, AT_MS)
  const base = { kind: 'connection', dataset, startMs: AT_MS - 2_000 }
  const server = { ip: '10.99.7.2', port: 8080 }
  const client = (port: number) => ({ source: { ip: '10.99.7.1', port } })
  t.strictSame(events, [
    {
      ...base,
      phase: 'progress',
      atMs: AT_MS,
      transport: 'udp',
      ...client(46_725),
      destination: { ip: '10.99.7.2', port: 514 },
      sentBytes: 6,
      receivedBytes: 0,
    },
    // Over for 3 s, and younger than 2 s: told in whole seconds, so its start is not after its end.
    {
      ...base,
      phase: 'end',
      atMs: AT_MS - 3_000,
      startMs: AT_MS - 3_000,
      transport: 'tcp',
      ...client(33_152),
      destination: server,
      sentBytes: 20_152,
      receivedBytes: 127,
    },
    {
      ...base,
      phase: 'progress',
      atMs: AT_MS,
      transport: 'tcp',
      ...client(33_160),
      destination: server,
      sentBytes: 61_615,
      receivedBytes: 25,
    },
    {
      ...base,
      phase: 'progress',
      atMs: AT_MS,
      transport: 'tcp',
      source: { ip: 'fd07::1', port: 33_796 },
      destination: { ip: 'fd07::2', port: 8080 },
      sentBytes: 61_615,
      receivedBytes: 25,
    },
  ])
  t.equal(told, 4)
})

t.test('a flow is told when its counts change, and once when it is over', async (t) => {
  const tracker = conntrackTracker({ dataset })
  const look = (atMs: number, ...flows: ConntrackFlow[]) => tracker.look(flows, HOST, atMs).events
  t.match(look(1_000, row(ESTABLISHED, 3, undefined, undefined, ' delta-time=0')), [
    { phase: 'progress', startMs: 1_000, sentBytes: 292 },
  ])
  t.strictSame(look(9_000, row(ESTABLISHED, 3, undefined, undefined, ' delta-time=8')), [])
  t.match(look(17_000, row(ESTABLISHED, 4, undefined, undefined, ' delta-time=15')), [
    { phase: 'progress', startMs: 1_000, sentBytes: 392 },
  ])
  t.match(look(25_000, row('tcp 6 118 TIME_WAIT', 5, undefined, undefined, ' delta-time=23')), [
    { phase: 'end', atMs: 23_000, startMs: 1_000, sentBytes: 492 },
  ])
  t.strictSame(look(33_000, row('tcp 6 110 TIME_WAIT', 5)), [])
  t.strictSame(look(34_000, row('tcp 6 119 TIME_WAIT', 6)), [], 'a FIN that came again')
  t.strictSame(look(200_000), [], 'forgotten by the kernel')
})

t.test('a flow that vanishes is over with the counts it had', async (t) => {
  const tracker = conntrackTracker({ dataset })
  tracker.look([row('udp 17 27', 2)], HOST, 1_000)
  const { events, told } = tracker.look([], HOST, 9_000)
  t.match(events, [{ phase: 'end', atMs: 9_000, transport: 'udp', sentBytes: 248 }])
  t.equal(told, 0, 'no row told of it')
})

t.test('the same tuple anew is another flow', async (t) => {
  const tracker = conntrackTracker({ dataset })
  tracker.look([row('tcp 6 118 TIME_WAIT', 9)], HOST, 1_000)
  const anew = row(ESTABLISHED, 3, undefined, undefined, ' delta-time=1')
  t.match(tracker.look([anew], HOST, 9_000).events, [{ phase: 'progress', startMs: 8_000 }])
  t.equal(tracker.look([row('tcp 6 118 TIME_WAIT', 4)], HOST, 17_000).events.length, 1)
  t.equal(tracker.look([row('tcp 6 118 TIME_WAIT', 3)], HOST, 25_000).events.length, 1, 'unseen')
})

t.test('inbound, forwarded, own and unanswered flows are left out', async (t) => {
  const flows = [
    row(ESTABLISHED, 3, '192.0.2.7', '10.0.0.1'),
    row(ESTABLISHED, 3, '172.17.0.2', '192.0.2.7'),
    row(ESTABLISHED, 3, '127.0.0.1', '127.0.0.1'),
    row('tcp 6 119 SYN_SENT', 3),
  ]
  const tracker = conntrackTracker({ dataset })
  t.strictSame(tracker.look(flows, HOST, 1_000), { events: [], told: 0 })
  t.strictSame(tracker.look([], HOST, 2_000), { events: [], told: 0 })
})

t.test('the same flow in two zones is told once', async (t) => {
  const twice = [
    row(ESTABLISHED, 3, undefined, undefined, ' zone=0'),
    row(ESTABLISHED, 4, undefined, undefined, ' zone=5'),
  ]
  const tracker = conntrackTracker({ dataset })
  t.equal(tracker.look(twice, HOST, 1_000).events.length, 1)
  t.equal(tracker.look(twice, HOST, 2_000).events.length, 0)
})

t.test('what was over before an earlier run stopped is not told again', async (t) => {
  const over = [row('tcp 6 100 TIME_WAIT', 5)] // for 20 s
  t.equal(conntrackTracker({ dataset, sinceMs: 90_000 }).look(over, HOST, 100_000).told, 0)
  t.equal(conntrackTracker({ dataset, sinceMs: 70_000 }).look(over, HOST, 100_000).told, 1)
})

t.test('a destroyed flow was over when its last state began', async (t) => {
  const tracker = conntrackTracker({ dataset, finalSeconds: { TIME_WAIT: 60 } })
  const gone = tracker.destroyed(
    row('tcp 6 TIME_WAIT', 5, undefined, undefined, ' delta-time=70'),
    HOST,
    100_000,
  )
  t.match(gone, { phase: 'end', atMs: 40_000, startMs: 30_000, sentBytes: 492 })
  t.equal(tracker.destroyed(row('tcp 6 SYN_SENT', 1), HOST, 1_000), undefined)
  t.equal(tracker.destroyed(row('udp 17', 1, '192.0.2.7', '10.0.0.1'), HOST, 1_000), undefined)
})

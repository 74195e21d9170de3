import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import {
  type ConntrackFlow,
  parseConntrackLine,
  payloadBytes,
} from '../../../platform/linux/conntrack.ts'
import { holds } from '../../support/holds.ts'
import { recording, withoutRecordings } from '../../support/recordings.ts'

const GOLDEN = 'test/golden/linux/conntrack'
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n')
const flowsOf = (lines: readonly string[]): ConntrackFlow[] =>
  lines.map(parseConntrackLine).flatMap((flow) => (flow.ok && flow.value ? [flow.value] : []))

const TUPLES =
  'src=10.0.0.1 dst=192.0.2.7 sport=4001 dport=443 packets=9 bytes=943 src=192.0.2.7 dst=10.0.0.1 sport=443 dport=4001 packets=7 bytes=50498'
const original = {
  sourceIp: '10.0.0.1',
  destinationIp: '192.0.2.7',
  sourcePort: 4001,
  destinationPort: 443,
}
const reply = {
  sourceIp: '192.0.2.7',
  destinationIp: '10.0.0.1',
  sourcePort: 443,
  destinationPort: 4001,
}

t.test('reads a row of the table with all that may stand in it', async (t) => {
  const line = `ipv4     2 tcp      6 119 TIME_WAIT ${TUPLES} [ASSURED] mark=0 secctx=system_u:object_r:unlabeled_t:s0 helper=ftp zone=1 delta-time=12 use=2`
  t.strictSame(parseConntrackLine(line), {
    ok: true,
    value: {
      transport: 'tcp',
      event: 'row',
      state: 'TIME_WAIT',
      timeoutSeconds: 119,
      original: { ...original, packets: 9, packetBytes: 943 },
      reply: { ...reply, packets: 7, packetBytes: 50_498 },
      isUnreplied: false,
      ageSeconds: 12,
    },
  })
})

t.test('reads a destroyed flow with its time', async (t) => {
  const line = `[1795546106.613194]\t[DESTROY] tcp      6 TIME_WAIT ${TUPLES} [ASSURED] delta-time=120 [start=Tue Nov 24 18:46:06 2026] [stop=Tue Nov 24 18:48:06 2026]`
  t.match(parseConntrackLine(line), {
    value: { event: 'destroy', atMs: 1_795_546_106_613, ageSeconds: 120, state: 'TIME_WAIT' },
  })
  t.match(parseConntrackLine(`[1795546106.61]  [DESTROY] udp      17 ${TUPLES}`), { ok: false })
  t.match(parseConntrackLine(` [DESTROY] udp      17 ${TUPLES}`), { ok: false })
  t.match(parseConntrackLine(`[DESTROY] udp      17 ${TUPLES}`), {
    value: { event: 'destroy', transport: 'udp' },
  })
})

t.test(
  'reads a flow that nobody answered, without counts, and one that NAT sends elsewhere',
  async (t) => {
    const unreplied =
      'udp      17 27 src=10.0.0.1 dst=192.0.2.7 sport=4001 dport=443 [UNREPLIED] src=172.16.0.9 dst=203.0.113.1 sport=8443 dport=61000 mark=0 use=1'
    t.strictSame(parseConntrackLine(unreplied), {
      ok: true,
      value: {
        transport: 'udp',
        event: 'row',
        timeoutSeconds: 27,
        original,
        reply: {
          sourceIp: '172.16.0.9',
          destinationIp: '203.0.113.1',
          sourcePort: 8443,
          destinationPort: 61_000,
        },
        isUnreplied: true,
      },
    })
  },
)

t.test('a flow without ports is read and is nothing', async (t) => {
  const icmp =
    'ipv4     2 icmp     1 29 src=10.0.0.1 dst=192.0.2.7 type=8 code=0 id=5 src=192.0.2.7 dst=10.0.0.1 type=0 code=0 id=5 mark=0 use=2'
  t.strictSame(parseConntrackLine(icmp), { ok: true, value: undefined })
  t.match(
    parseConntrackLine('unknown  2 580 src=10.0.0.1 dst=224.0.0.1 src=224.0.0.1 dst=10.0.0.1'),
    { ok: true },
  )
})

for (const line of [
  '',
  'ipv4',
  'ipv4 2 tcp 6 119 TIME_WAIT',
  'tcp 6 119 TIME_WAIT src=1 dst=2 sport=x dport=1',
]) {
  t.test(`refuses ${JSON.stringify(line)}`, async (t) => {
    t.match(parseConntrackLine(line), { ok: false, reason: /conntrack/ })
  })
}

t.test('the payload is what curl counted', async (t) => {
  const [, ...rows] = linesOf(`${GOLDEN}/uploads.tsv`)
  const truth = new Map(
    rows.map((row) => row.split('\t').map(Number)).map(([port, ...n]) => [port, n]),
  )
  for (const file of ['linux-6.18-uploads.table', 'conntrack-1.4.7-uploads.events']) {
    const flows = flowsOf(linesOf(`${GOLDEN}/${file}`))
    t.equal(flows.length, 6, file)
    for (const { transport, original, reply } of flows) {
      const estimate = [payloadBytes(transport, original), payloadBytes(transport, reply)]
      t.strictSame(estimate, truth.get(original.sourcePort), `${file} ${original.sourcePort}`)
    }
  }
})

t.test('payload is unknown where nothing was counted, and never below 0', async (t) => {
  t.equal(payloadBytes('tcp', original), undefined)
  t.equal(payloadBytes('tcp', { ...original, packets: 0, packetBytes: 0 }), 0)
  t.equal(payloadBytes('tcp', { ...original, packets: 1, packetBytes: 40 }), 0)
  t.equal(payloadBytes('udp', { ...original, packets: 1, packetBytes: 34 }), 6)
  t.equal(payloadBytes('udp', { ...original, sourceIp: 'fd07::1', packets: 1, packetBytes: 54 }), 6)
})

t.test('every recorded row is read', { skip: withoutRecordings }, async (t) => {
  const files = {
    'linux-procnet/sosreport-rhcos/proc_net_nf_conntrack': 678,
    'linux-procnet/excerpts/conntrack-L.txt': 3,
  }
  for (const [path, count] of Object.entries(files)) {
    const lines = linesOf(recording(path))
    const results = lines.map(parseConntrackLine)
    t.equal(results.length, count, path)
    t.strictSame(
      results.filter((result) => !result.ok),
      [],
      `${path}: none is refused`,
    )
    const withPorts = lines.filter((line) => /^(?:ipv[46] +\d+ )?(?:tcp|udp) /.test(line)).length
    t.equal(flowsOf(lines).length, withPorts, `${path}: every TCP and UDP flow`)
    const unreplied = flowsOf(lines).filter(({ isUnreplied }) => isUnreplied).length
    t.equal(unreplied, lines.filter((line) => /(tcp|udp) .*UNREPLIED/.test(line)).length)
  }
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => void parseConntrackLine(s))
  holds(t, 'never throws', total)
  const cut = fc.property(fc.nat(400), (end) => {
    const [line = ''] = linesOf(`${GOLDEN}/conntrack-1.4.7-uploads.events`)
    return typeof parseConntrackLine(line.slice(0, end)).ok === 'boolean'
  })
  holds(t, 'a line cut anywhere is a value', cut)

  const tuple = fc.record(
    {
      sourceIp: fc.ipV4(),
      destinationIp: fc.oneof(fc.ipV4(), fc.ipV6()),
      sourcePort: fc.nat(65_535),
      destinationPort: fc.nat(65_535),
      packets: fc.nat(),
      packetBytes: fc.maxSafeNat(),
    },
    { noNullPrototype: true },
  )
  const readsBack = fc.property(tuple, tuple, fc.boolean(), (original, reply, isUnreplied) => {
    const print = (o: typeof original) =>
      `src=${o.sourceIp} dst=${o.destinationIp} sport=${o.sourcePort} dport=${o.destinationPort} packets=${o.packets} bytes=${o.packetBytes}`
    const flag = isUnreplied ? ' [UNREPLIED]' : ''
    const line = `ipv4     2 udp      17 27 ${print(original)}${flag} ${print(reply)} mark=0 use=2`
    t.strictSame(parseConntrackLine(line), {
      ok: true,
      value: { transport: 'udp', event: 'row', timeoutSeconds: 27, original, reply, isUnreplied },
    })
  })
  holds(t, 'reads back every flow the kernel can print', readsBack)
})

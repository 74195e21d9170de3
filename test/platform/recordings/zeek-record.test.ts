import t from 'tap'
import { type Cell, connectionOf, nameOf } from '../../../platform/recordings/zeek-record.ts'

const ROW: Record<string, Cell> = {
  ts: '1700000000.250000',
  'id.orig_h': '10.0.0.5',
  'id.orig_p': '40000',
  'id.resp_h': '203.0.113.9',
  'id.resp_p': '443',
  proto: 'tcp',
  orig_bytes: '100',
  resp_bytes: '200',
  conn_state: 'SF',
}

const connection = (row: Record<string, Cell>) => connectionOf((name) => ({ ...ROW, ...row })[name])
const value = (row: Record<string, Cell>) => {
  const result = connection(row)
  return result.ok ? result.value : result.reason
}

t.test('reads a connection', async (t) => {
  t.strictSame(value({ local_orig: 'T', local_resp: 'F' }), {
    startMs: 1_700_000_000_250,
    sourceIp: '10.0.0.5',
    sourcePort: 40_000,
    destinationIp: '203.0.113.9',
    destinationPort: 443,
    transport: 'tcp',
    sentBytes: 100,
    receivedBytes: 200,
    isTransfer: true,
    isSourceLocal: true,
    isDestinationLocal: false,
  })
})

t.test('reads every spelling of a time', async (t) => {
  const startMs = 1_700_000_000_250
  for (const ts of ['1700000000.25', 1_700_000_000.25, startMs, '2023-11-14T22:13:20.250000Z']) {
    t.match(value({ ts }), { startMs }, String(ts))
  }
  t.match(value({ ts: '22.5' }), { startMs: 22_500 }, 'counted from the start of a capture')
})

t.test('what is a transfer, and what is a probe', async (t) => {
  const rows: readonly (readonly [Record<string, Cell>, boolean, string])[] = [
    [{ conn_state: 'SF' }, true, 'payload was sent'],
    [{ orig_bytes: '0' }, false, 'established, nothing sent'],
    [{ orig_bytes: undefined, conn_state: 'S1' }, true, 'established, nobody counted'],
    [{ orig_bytes: undefined, conn_state: 'S0' }, false, 'never answered'],
    [{ orig_bytes: undefined, conn_state: 'REJ' }, false, 'refused'],
    [{ orig_bytes: undefined, conn_state: 'OTH' }, false, 'its start was not seen'],
    [{ proto: 'udp', conn_state: 'S0', orig_bytes: '48' }, true, 'UDP needs no answer'],
  ]
  for (const [row, isTransfer, why] of rows) t.match(value(row), { isTransfer }, why)
})

t.test('the bytes of a single UDP packet are told by the IP layer', async (t) => {
  const one = { proto: 'udp', conn_state: 'S0', orig_bytes: undefined, orig_pkts: '1' }
  t.match(value({ ...one, orig_ip_bytes: '76' }), { sentBytes: 48, isTransfer: true })
  t.match(value({ ...one, orig_ip_bytes: '28' }), { sentBytes: 0, isTransfer: false })
  const ipv6 = { ...one, 'id.orig_h': 'fd00::5', orig_ip_bytes: '96' }
  t.match(value(ipv6), { sentBytes: 48, isTransfer: true })
})

t.test('not set is not 0', async (t) => {
  t.match(value({ resp_bytes: undefined }), { receivedBytes: undefined })
  t.match(value({ resp_bytes: '0' }), { receivedBytes: 0 })
})

t.test('addresses become canonical', async (t) => {
  t.match(value({ 'id.resp_h': '2001:DB8:0::1' }), { destinationIp: '2001:db8::1' })
  t.match(value({ 'id.resp_h': '::ffff:192.0.2.1' }), { destinationIp: '192.0.2.1' })
})

t.test('has no use for ICMP', async (t) => {
  t.equal(value({ proto: 'icmp' }), undefined)
})

for (const [row, reason] of [
  [{ ts: undefined }, /ts/],
  [{ ts: 'yesterday' }, /ts/],
  [{ ts: '-5' }, /ts/],
  [{ 'id.orig_h': 'host' }, /id\.orig_h/],
  [{ 'id.resp_h': 5 }, /id\.resp_h/],
  [{ 'id.resp_p': '70000' }, /id\.resp_p/],
  [{ 'id.resp_p': undefined }, /id\.resp_p/],
  [{ proto: undefined }, /proto/],
] as const) {
  t.test(`refuses ${JSON.stringify(row)}`, async (t) => {
    t.match(connection(row as Record<string, Cell>), { ok: false, reason })
  })
}

t.test('reads a name, and of its answers the addresses', async (t) => {
  const row: Record<string, Cell> = {
    ts: 1_700_000_000,
    'id.orig_h': '10.0.0.5',
    query: 'WWW.Example.org.',
    answers: ['cdn.example.net', '203.0.113.9', 'TXT 5 hello', '2001:db8::1'],
  }
  const result = nameOf((name) => row[name])
  t.match(result, {
    ok: true,
    value: {
      atMs: 1_700_000_000_000,
      clientIp: '10.0.0.5',
      domain: 'www.example.org',
      addresses: ['203.0.113.9', '2001:db8::1'],
    },
  })
  const without = (name: string) => (name === 'answers' ? ['cdn.example.net'] : row[name])
  t.strictSame(nameOf(without), { ok: true, value: undefined })
})

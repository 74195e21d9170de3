import fc from 'fast-check'
import t from 'tap'
import { zeekReader } from '../../../platform/recordings/zeek-reader.ts'
import type { RecordedConnection, RecordedName } from '../../../platform/recordings/zeek-record.ts'
import { holds } from '../../support/holds.ts'
import { readRecorded } from '../../support/read-recorded.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'
import { beats, connLog, dnsLog } from '../../support/zeek-log.ts'

function read(...chunks: (string | Buffer)[]) {
  const connections: RecordedConnection[] = []
  const names: RecordedName[] = []
  const reader = zeekReader({
    connection: (one) => connections.push(one),
    name: (one) => names.push(one),
  })
  for (const chunk of chunks) reader.push(Buffer.from(chunk as string))
  reader.end()
  return { connections, names, reader }
}

t.test('reads a conn.log', async (t) => {
  const { connections, reader } = read(connLog(beats(3, 60)))
  t.equal(connections.length, 3)
  t.strictSame(reader.counts, { rows: 3, connections: 3, names: 0, ignored: 0, malformed: 0 })
  t.strictSame([...reader.kinds], ['connections'])
})

t.test('reads a dns.log', async (t) => {
  const { names } = read(
    dnsLog([[1_700_000_000, '10.0.0.5', 'a.example', 'b.example,203.0.113.9']]),
  )
  t.match(names, [{ domain: 'a.example', addresses: ['203.0.113.9'], clientIp: '10.0.0.5' }])
})

t.test('headers may be repeated, with other columns', async (t) => {
  const other =
    '#separator ,\n#set_separator,,\n#unset_field,-\n' +
    '#fields,id.resp_p,id.resp_h,id.orig_p,id.orig_h,proto,conn_state,orig_bytes,ts\n' +
    '53,192.0.2.1,999,10.0.0.9,udp,SF,30,1700000000.5\n'
  const { connections, reader } = read(connLog(beats(1, 60)) + other + connLog(beats(1, 60)))
  t.match(connections, [
    { destinationPort: 443 },
    { destinationPort: 53 },
    { destinationPort: 443 },
  ])
  t.equal(reader.counts.malformed, 0)
})

t.test('reads JSON lines, in every spelling of the addresses', async (t) => {
  const rest = '"proto":"tcp","orig_bytes":5,"conn_state":"SF"'
  const { connections } = read(
    `{"ts":1700000000.5,"id.orig_h":"10.0.0.5","id.orig_p":1,"id.resp_h":"192.0.2.1","id.resp_p":2,${rest}}\n` +
      `{"ts":"2023-11-14T22:13:20Z","id_orig_h":"10.0.0.5","id_orig_p":1,"id_resp_h":"192.0.2.1","id_resp_p":2,${rest}}\n` +
      `{"ts":1700000000,"id":{"orig_h":"10.0.0.5","orig_p":1,"resp_h":"192.0.2.1","resp_p":2},${rest}}`,
  )
  const want = {
    sourceIp: '10.0.0.5',
    destinationIp: '192.0.2.1',
    destinationPort: 2,
    sentBytes: 5,
  }
  t.match(connections, [want, want, want])
})

t.test('a row cut short is told with its line, also where all that matters is there', async (t) => {
  const log = connLog(beats(2, 60))
  const { connections, reader } = read(log.slice(0, -5))
  t.equal(connections.length, 1)
  t.match(reader.faults, [{ line: 8, reason: /15 fields where the header names 16/ }])
  t.match(read('{"ts":17000').reader.faults, [{ line: 1, reason: /cut off/ }])
})

t.test('tells the first faults, and counts them all', async (t) => {
  const { reader } = read(`${connLog([])}${'x\n'.repeat(20)}`)
  t.equal(reader.faults.length, 5)
  t.equal(reader.counts.malformed, 20)
})

for (const [what, text] of [
  ['a text', 'Lorem ipsum dolor sit amet\n'],
  ['rows without their header', '1700000000.0\tCAbc1\t10.0.0.5\t1\t192.0.2.1\t2\ttcp\n'],
  ['a JSON array', '[\n{"ts": 1}\n]\n'],
  ['nothing', ''],
] as const) {
  t.test(`refuses ${what}, and says why`, async (t) => {
    const { reader, connections } = read(text)
    t.match(reader.refusal, /^no Zeek log: /)
    t.equal(connections.length, 0)
  })
}

t.test('properties', async (t) => {
  const log = Buffer.from(
    `${connLog(beats(3, 60))}${dnsLog([[1, '10.0.0.5', 'ä.example', '192.0.2.1']])}junk\r\n`,
  )
  const whole = read(log)
  const cuts = fc.array(fc.nat(log.length), { maxLength: 8 })
  const anySplit = fc.property(cuts, (at) => {
    const bounds = [0, ...at.sort((a, b) => a - b), log.length]
    const split = read(...bounds.slice(1).map((end, i) => log.subarray(bounds[i] ?? 0, end)))
    t.strictSame(split.connections, whole.connections)
    t.strictSame(split.names, whole.names)
    t.strictSame(split.reader.counts, whole.reader.counts)
  })
  holds(t, 'any split of the bytes gives the same records', anySplit, { numRuns: 50 })

  const header = connLog([])
  const anyRows = fc.property(
    fc.constantFrom('', header, '{', '#fields\t', '#separator '),
    fc.string({ unit: 'binary' }),
    (start, text) => {
      const { rows, connections, names, ignored, malformed } = read(start + text).reader.counts
      return rows === connections + names + ignored + malformed
    },
  )
  holds(t, 'never throws, and accounts for every row', anyRows)
})

/** Files that are no Zeek log, or whose count takes a header for a row. */
const NO_LOG = /expected\.json$|text_file\/|conn_top|README/
const COUNTS_ITS_HEADER = /conn-tsv\.log$|test10-mixed-zeek-dir\/conn\.log$/

t.test(
  'reads every recording, and reconciles its counts',
  { skip: withoutRecordings },
  async (t) => {
    for (const { path, counts } of recordings('zeek/')) {
      const reader = zeekReader({ connection: () => {}, name: () => {} })
      await readRecorded(recording(path), (bytes) => void reader.push(bytes))
      reader.end()
      if (NO_LOG.test(path)) {
        t.match(reader.refusal, /^no Zeek log/, path)
        continue
      }
      const { rows, connections, names, ignored, malformed } = reader.counts
      const told = Number(/(?:records|json)=(\d+)/.exec(counts)?.[1])
      t.equal(rows, told - (COUNTS_ITS_HEADER.test(path) ? 1 : 0), path)
      t.equal(rows, connections + names + ignored + malformed, path)
      t.equal(malformed, path.includes('/truncated/') ? 1 : 0, path)
      t.equal(reader.refusal, undefined, path)
    }
  },
)

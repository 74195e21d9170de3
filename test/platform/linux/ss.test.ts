import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { outboundOf, parseSsRow, type SsSocket } from '../../../platform/linux/ss.ts'
import { holds } from '../../support/holds.ts'

const lines = readFileSync('test/golden/linux/ss/iproute2-6.1-mixed.txt', 'utf8').trim().split('\n')
const sockets = (texts: readonly string[]): SsSocket[] =>
  texts.map(parseSsRow).flatMap((row) => (row.ok ? [row.value] : []))

t.test('reads what a recorded host had open, and tells what it opened itself', async (t) => {
  const all = sockets(lines)
  t.equal(all.length, lines.length)
  const base = { isListening: false, ackedBytes: 61_615, receivedBytes: 25 }
  t.strictSame(outboundOf(all), [
    {
      ...base,
      source: { ip: '10.99.7.1', port: 33_160 },
      destination: { ip: '10.99.7.2', port: 8080 },
      uid: 65_534,
      inode: 86_617,
    },
    {
      ...base,
      source: { ip: 'fd07::1', port: 33_796 },
      destination: { ip: 'fd07::2', port: 8080 },
      uid: 0,
      inode: 85_565,
    },
  ])
})

t.test('reads addresses in every dress', async (t) => {
  const ends = (local: string, peer: string) =>
    parseSsRow(`ESTAB 0 0 ${local} ${peer} ino:5 sk:1 <-> ts`)
  t.match(ends('[fe80::1]%eth0:22', '[::ffff:10.0.0.1]:5'), {
    value: { source: { ip: 'fe80::1', port: 22 }, destination: { ip: '10.0.0.1', port: 5 } },
  })
  t.match(ends('127.0.0.53%lo:53', '10.0.0.1:5'), { value: { source: { ip: '127.0.0.53' } } })
  t.match(parseSsRow('LISTEN 0 128 *:22 *:* ino:5'), {
    value: { isListening: true, source: { ip: '::', port: 22 }, destination: { port: 0 } },
  })
})

t.test('a count that is not there is unknown', async (t) => {
  const row = parseSsRow('ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 ino:5')
  t.ok(row.ok && !('ackedBytes' in row.value) && !('receivedBytes' in row.value))
  t.match(parseSsRow('ESTAB 0 0 10.0.0.1:1 10.0.0.2:2 ino:5 x bytes_acked:1'), {
    value: { ackedBytes: 0 },
  })
})

t.test('a listener on one address leaves the others alone', async (t) => {
  const rows = [
    'LISTEN 0 128 127.0.0.1:7000 0.0.0.0:* ino:1',
    'ESTAB 0 0 10.0.0.1:7000 10.0.0.2:2 ino:2',
    'ESTAB 0 0 127.0.0.1:7000 127.0.0.1:2 ino:3',
  ]
  t.match(outboundOf(sockets(rows)), [{ inode: 2 }])
  t.equal(outboundOf(sockets(rows)).length, 1)
})

for (const line of [
  '',
  'State Recv-Q Send-Q',
  'ESTAB 0 0 10.0.0.1:1',
  'ESTAB 0 0 host:1 10.0.0.2:2',
]) {
  t.test(`refuses ${JSON.stringify(line)}`, async (t) => {
    t.match(parseSsRow(line), { ok: false, reason: /ss/ })
  })
}

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => void parseSsRow(s))
  holds(t, 'never throws', total)
  const readsBack = fc.property(
    fc.ipV4(),
    fc.nat(65_535),
    fc.integer({ min: 1 }),
    (ip, port, acked) => {
      const row = parseSsRow(
        `ESTAB 0      0  10.0.0.1:5  ${ip}:${port} uid:7 ino:9 sk:1 <-> ts bytes_acked:${acked}`,
      )
      t.match(row, {
        value: { destination: { ip, port }, uid: 7, inode: 9, ackedBytes: acked - 1 },
      })
    },
  )
  holds(t, 'reads back what ss prints', readsBack)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { outboundOf, parseLsof } from '../../../platform/macos/lsof.ts'
import { holds } from '../../support/holds.ts'

const GOLDEN = join(import.meta.dirname, '../../golden/macos/lsof/debian-12-lsof-4.95.txt')
const golden = readFileSync(GOLDEN, 'utf8')

const listing = (...files: readonly string[]) =>
  parseLsof(['p7', 'R1', 'ccurl', 'u501', 'Lann', ...files, ''].join('\n'))
const tcp = (name: string, state = 'ESTABLISHED') =>
  `f3\ntIPv4\nPTCP\nn${name}\nTST=${state}\nTQR=0`

t.test('reads the sockets of a real listing', async (t) => {
  const { sockets, malformed } = parseLsof(golden)
  t.equal(malformed, 0)
  t.equal(sockets.length, 9)
  t.strictSame(sockets[1], {
    process: {
      pid: 13_622,
      parentPid: 13_617,
      name: 'node-MainThread',
      user: { id: '0', name: 'root' },
    },
    transport: 'tcp',
    source: { ip: '127.0.0.1', port: 58_752 },
    destination: { ip: '127.0.0.1', port: 40_645 },
    state: 'ESTABLISHED',
  })
  t.strictSame(
    sockets.flatMap(({ state }) => state ?? 'none'),
    [
      ...'LISTEN ESTABLISHED ESTABLISHED none none LISTEN ESTABLISHED ESTABLISHED SYN_SENT'.split(
        ' ',
      ),
    ],
  )
})

t.test('tells what this host opened from what came in', async (t) => {
  const { sockets } = parseLsof(golden)
  t.strictSame(
    outboundOf(sockets).map(({ destination, transport }) => [transport, destination?.port]),
    [
      ['tcp', 40_645],
      ['udp', 53],
      ['tcp', 36_691],
      ['tcp', 443],
    ],
  )
  const closed = listing(tcp('10.0.0.1:5->1.1.1.1:443', 'CLOSED')).sockets
  t.strictSame(outboundOf(closed), [])
})

t.test('fields count for the process and file that began last', async (t) => {
  const { sockets } = parseLsof(
    [
      'p7',
      'ca',
      'f3',
      'tIPv4',
      'PTCP',
      'n1.1.1.1:1->2.2.2.2:2',
      'fcwd',
      'tDIR',
      'n/',
      'p8',
      'cb',
      'f4',
      'tIPv6',
      'PUDP',
      'n[fe80::1]:5->[2001:db8::2]:6',
    ].join('\n'),
  )
  t.match(sockets, [
    { process: { pid: 7, name: 'a' }, destination: { ip: '2.2.2.2', port: 2 } },
    { process: { pid: 8, name: 'b' }, transport: 'udp', destination: { ip: '2001:db8::2' } },
  ])
  t.notOk('state' in (sockets[0] ?? {}))
})

t.test('a listener on every address, and one without a port', async (t) => {
  t.match(listing(tcp('*:22', 'LISTEN')).sockets, [{ source: { ip: '::', port: 22 } }])
  t.match(listing('f4\ntIPv4\nPUDP\nn*:*').sockets, [{ source: { ip: '::', port: 0 } }])
})

for (const [name, file] of Object.entries({
  'a name of another form': tcp('no PCB'),
  'a peer of another form': tcp('1.1.1.1:1->somewhere'),
  'an unknown protocol': 'f3\ntIPv4\nPICMP\nn1.1.1.1:1',
  'no name': 'f3\ntIPv4\nPTCP',
})) {
  t.test(`counts ${name}`, async (t) => {
    t.strictSame(listing(file), { sockets: [], malformed: 1 })
  })
}

t.test('what is no socket, and what has no process, is passed over', async (t) => {
  t.strictSame(listing('f4\ntREG\nn/etc/hosts'), { sockets: [], malformed: 0 })
  t.strictSame(parseLsof(`pX\n${tcp('1.1.1.1:1')}`), { sockets: [], malformed: 0 })
  t.strictSame(parseLsof(''), { sockets: [], malformed: 0 })
})

t.test('properties', async (t) => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...golden.split('\n')))
  const total = fc.property(fc.array(line), (lines) => void parseLsof(lines.join('\n')))
  holds(t, 'never throws', total)
  const whole = parseLsof(golden).sockets
  const cut = fc.property(fc.nat(golden.length), (end) => {
    const { sockets } = parseLsof(golden.slice(0, end))
    return sockets.length <= whole.length
  })
  holds(t, 'a listing that was cut gives no more than the whole', cut)
})

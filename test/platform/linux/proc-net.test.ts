import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { parseIp } from '../../../platform/address.ts'
import {
  endpointsOf,
  hasNoRemote,
  isWildcard,
  localOf,
  parseProcNetRow,
  TCP_STATE,
  tcpStamp,
} from '../../../platform/linux/proc-net.ts'
import { holds } from '../../support/holds.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const GOLDEN = 'test/golden/linux/proc-net/linux-6.18-mixed'

const row = (local: string, remote = local, state = '01') =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 02:000016A6 00000000  1000        0 39309 1`

const read = (line: string) => {
  const result = parseProcNetRow(line)
  return result.ok ? { ...result.value, ...endpointsOf(result.value) } : result
}

for (const [address, endpoint] of Object.entries({
  '0100007F:1F90': { ip: '127.0.0.1', port: 8080 },
  '00000000000000000000000001000000:0016': { ip: '::1', port: 22 },
  '000007FD000000000000000001000000:8404': { ip: 'fd07::1', port: 33_796 },
  '0000000000000000FFFF00000100007F:01BB': { ip: '127.0.0.1', port: 443 }, // IPv4-mapped
})) {
  t.test(`reads ${address}`, async (t) => {
    t.match(read(row(address)), {
      source: endpoint,
      destination: endpoint,
      state: TCP_STATE.established,
      timer: 2,
      timerMs: 57_980,
      uid: 1000,
      inode: 39_309,
    })
  })
}

const refused = [
  '',
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '   1: 00000000:0016 00000000:0000 0A', // cut short
  row('0100007G:1F90'),
  row('0100007F00:1F90'),
]
for (const line of refused) {
  t.test(`refuses ${JSON.stringify(line.slice(0, 30))}`, async (t) => {
    t.match(parseProcNetRow(line), { ok: false, reason: /row/ })
  })
}

t.test('knows an end that is nowhere, and an address that is every one', async (t) => {
  const listener = parseProcNetRow(row(`${'0'.repeat(32)}:2382`, `${'0'.repeat(32)}:0000`, '0A'))
  const open = parseProcNetRow(row('0107630A:8188', '0207630A:1F90'))
  t.ok(listener.ok && hasNoRemote(listener.value) && isWildcard(localOf(listener.value)))
  t.ok(open.ok && !hasNoRemote(open.value) && !isWildcard(localOf(open.value)))
})

t.test('reads what ss reads in the same tables', async (t) => {
  const states: Record<string, number> = {
    ESTAB: TCP_STATE.established,
    'TIME-WAIT': TCP_STATE.timeWait,
    LISTEN: TCP_STATE.listen,
  }
  const canonical = (ip: string) => (ip === '*' ? '::' : parseIp(ip.replace(/[[\]]/g, '')))
  const truth = readFileSync(`${GOLDEN}.ss`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [transport, state = '', , , ...ends] = line.split(' ')
      const words = ends.map((end) => {
        const [, ip = '', port = ''] = /^(.*):([^:]+)$/.exec(end) ?? []
        return `${canonical(ip)} ${port === '*' ? 0 : port}`
      })
      return [transport, states[state], ...words].join(' ')
    })
  const ours = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) => {
    const [, ...lines] = readFileSync(`${GOLDEN}.${table}`, 'utf8').trimEnd().split('\n')
    return lines.map((line) => {
      const result = parseProcNetRow(line)
      if (!result.ok) return result.reason
      const { source, destination } = endpointsOf(result.value)
      const ends = [source, destination].map(({ ip, port }) => `${ip} ${port}`)
      return [table.slice(0, 3), result.value.state, ...ends].join(' ')
    })
  })
  t.strictSame(ours.sort(), truth.sort())
  t.equal(ours.length, 6)
})

t.test('every row of every recorded table is read', { skip: withoutRecordings }, async (t) => {
  const files = recordings('linux-procnet/prometheus-procfs/proc_net_').filter(({ path }) =>
    /_(tcp6?|udp6?|udp_broken)$/.test(path),
  )
  t.equal(files.length, 5)
  for (const { path, counts } of files) {
    const lines = readFileSync(recording(path), 'utf8').trimEnd().split('\n')
    const rows = lines.slice(1).map(parseProcNetRow)
    const bad = rows.filter((result) => !result.ok).length
    t.equal(`lines=${1 + rows.length}`, counts, `${path}: header and rows are all lines`)
    t.equal(bad, path.endsWith('broken') ? 1 : 0, `${path}: only the broken row is refused`)
  }
})

t.test('the stamp of TCP changes with what is open and with what was opened', async (t) => {
  const files = ['snmp', 'sockstat', 'sockstat6'].map((name) =>
    readFileSync(`${GOLDEN}.${name}`, 'utf8'),
  )
  const [snmp = '', sockstat = '', sockstat6 = ''] = files
  const stamp = tcpStamp(snmp, sockstat, sockstat6)
  t.type(stamp, 'string')
  t.equal(tcpStamp(snmp, sockstat.replace('alloc', 'Alloc'), sockstat6), stamp)
  t.not(tcpStamp(snmp, sockstat.replace(/tw \d+/, 'tw 77'), sockstat6), stamp)
  t.not(tcpStamp(snmp, sockstat, sockstat6.replace('inuse 3', 'inuse 4')), stamp)
  t.not(tcpStamp(snmp.replace(/^(Tcp: \d+ \d+ \d+ -1) \d+/m, '$1 99'), sockstat, sockstat6), stamp)
  t.equal(tcpStamp('', sockstat, sockstat6), undefined, 'no counter, no stamp')
  t.type(tcpStamp(snmp, sockstat, ''), 'string', 'IPv6 may be switched off')
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (s) => void parseProcNetRow(s))
  holds(t, 'never throws', total)

  const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 })
  const readsBack = fc.property(ipv4, fc.nat(65_535), (ip, port) => {
    const hex = `${Buffer.from(ip).reverse().toString('hex')}:${port.toString(16).padStart(4, '0')}`
    const { destination } = endpointsOf({ tuple: `0100007F:0001 ${hex.toUpperCase()}` })
    return destination.ip === ip.join('.') && destination.port === port
  })
  holds(t, 'reads back every endpoint the kernel can print', readsBack)
})

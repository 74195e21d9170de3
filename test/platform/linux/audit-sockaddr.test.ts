import fc from 'fast-check'
import t from 'tap'
import { parseAuditRecord } from '../../../platform/linux/audit-record.ts'
import { auditDestination } from '../../../platform/linux/audit-sockaddr.ts'
import { holds } from '../../support/holds.ts'

function destination(saddr: string) {
  const read = parseAuditRecord(`type=SOCKADDR msg=audit(1.002:3): saddr=${saddr}`)
  if (!read.ok) throw new Error(read.reason)
  return auditDestination(read.value)
}

const reads = {
  '02002BCB7F0000010000000000000000': { ip: '127.0.0.1', port: 11211 },
  '00022BCB7F0000010000000000000000': { ip: '127.0.0.1', port: 11211 }, // big-endian host
  '02002bcb7f000001': { ip: '127.0.0.1', port: 11211 }, // without the padding
  '0A002BCB000000000000000000000000000000000000000100000000': { ip: '::1', port: 11211 },
  '000A01BB0000000020010DB800000000000000000000000700000000': { ip: '2001:db8::7', port: 443 },
  '0A0046A00000000000000000000000000000FFFF7F00000100000000': { ip: '127.0.0.1', port: 18080 },
  '0200003508080808\x1dSADDR={ saddr_fam=inet laddr=8.8.8.8 lport=53 }': {
    ip: '8.8.8.8',
    port: 53,
  },
}
for (const [saddr, expected] of Object.entries(reads)) {
  t.test(`reads ${JSON.stringify(saddr)}`, async (t) => {
    t.strictSame(destination(saddr), expected)
  })
}

t.test('a local or netlink socket is another family', async (t) => {
  t.equal(destination('01002F72756E2F78'), 'other-family')
  t.equal(destination('100000000000000000000000'), 'other-family')
  t.equal(destination('0000'), 'other-family')
})

t.test('an address that is cut, or no hex, is malformed', async (t) => {
  for (const saddr of ['', '02', '02002BCB7F0000', '0A002BCB', '0200zz', '02002BCB7F00000']) {
    t.equal(destination(saddr), 'malformed', saddr)
  }
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string({ unit: 'binary' }), (saddr) => void destination(saddr))
  holds(t, 'never throws', total)

  const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 })
  const readsBack = fc.property(ipv4, fc.nat(65_535), fc.boolean(), (ip, port, isBig) => {
    const family = isBig ? '0002' : '0200'
    const hex = family + port.toString(16).padStart(4, '0') + Buffer.from(ip).toString('hex')
    t.strictSame(destination(hex.toUpperCase()), { ip: ip.join('.'), port })
  })
  holds(t, 'reads back every IPv4 endpoint, in either byte order', readsBack)
})

import { isIP } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import {
  endpointText,
  formatIp,
  isMasked,
  maskOf,
  networkScope,
  parseIp,
} from '../../platform/address.ts'
import { holds } from '../support/holds.ts'

const reads: Record<string, string> = {
  '8.8.8.8': '8.8.8.8',
  '2001:DB8:0:0:0:0:0:1': '2001:db8::1',
  '::ffff:10.0.0.1': '10.0.0.1',
  '::FFFF:0a00:0001': '10.0.0.1',
  'fe80::1%eth0': 'fe80::1',
  '::': '::',
}
for (const [text, ip] of Object.entries(reads)) {
  t.test(`reads ${text}`, async (t) => t.equal(parseIp(text), ip))
}

for (const text of [
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4.5',
  'host',
  ':::',
  '12345',
  '1::2::3',
]) {
  t.test(`refuses ${JSON.stringify(text)}`, async (t) => t.equal(parseIp(text), undefined))
}

const scopes: Record<string, readonly string[]> = {
  loopback: ['127.0.0.1', '127.9.9.9', '::1'],
  'link-local': ['169.254.1.1', 'fe80::1'],
  multicast: ['224.0.0.251', '255.255.255.255', 'ff02::fb'],
  unspecified: ['0.0.0.0', '::', 'nonsense', ''],
  private: ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1'],
  external: ['8.8.8.8', '172.32.0.1', '2606:4700::1111'],
}
for (const [scope, ips] of Object.entries(scopes)) {
  t.test(`knows ${scope}`, async (t) => {
    for (const ip of ips) t.equal(networkScope(ip), scope, ip)
  })
}

t.test('a mask is no address, and passes for outside', async (t) => {
  const mask = maskOf('Hostname#38445e48')
  t.equal(mask, 'masked:Hostname#38445e48')
  t.equal(networkScope(mask), 'external')
  t.equal(parseIp(mask), undefined)
  t.ok(isMasked(mask))
  for (const ip of ['8.8.8.8', '::', '']) t.notOk(isMasked(ip), ip)
})

t.test('endpoints, with brackets where the address has colons', async (t) => {
  for (const [host, text] of [
    ['203.0.113.9', '203.0.113.9:443'],
    ['2001:db8::1', '[2001:db8::1]:443'],
    ['backup.example', 'backup.example:443'],
    ['masked:Hostname#38445e48', 'masked:Hostname#38445e48:443'],
  ] as const) {
    t.equal(endpointText(host, 443), text)
  }
})

t.test('properties', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'0af:.%') }),
  )
  const total = fc.property(text, (some) => {
    const ip = parseIp(some)
    return ip === undefined || isIP(ip) !== 0
  })
  holds(t, 'never throws, and gives addresses only', total)

  const bytes = fc.constantFrom(4, 16).chain((n) => fc.uint8Array({ minLength: n, maxLength: n }))
  const canonical = fc.property(bytes, (some) => {
    const ip = formatIp(some)
    t.equal(parseIp(ip), ip)
    t.equal(formatIp(Array.from(some)), ip)
  })
  holds(t, 'what is formatted is canonical: reading it changes nothing', canonical)

  const spelled = fc.property(
    fc.ipV6(),
    (address) => parseIp(address) === parseIp(address.toUpperCase()),
  )
  holds(t, 'letters may be of either case', spelled)
})

import fc from 'fast-check'
import t from 'tap'
import { compileDestinations } from '../../../agent/detect/allowlist.ts'
import { parseIp } from '../../../platform/address.ts'
import { holds } from '../../support/holds.ts'

const ENTRIES = [
  '192.0.2.7',
  '198.51.100.0/24',
  '2001:db8::/32',
  '::ffff:203.0.113.0/120',
  'example.org',
  '*.Backup.example',
]
const matches = compileDestinations(ENTRIES)

const cases: Record<string, string | undefined> = {
  '192.0.2.7': '192.0.2.7',
  '::ffff:192.0.2.7': '192.0.2.7',
  '192.0.2.8': undefined,
  '198.51.100.0': '198.51.100.0/24',
  '198.51.100.255': '198.51.100.0/24',
  '198.51.101.0': undefined,
  '2001:db8:ffff::1': '2001:db8::/32',
  '2001:db9::1': undefined,
  '203.0.113.9': '::ffff:203.0.113.0/120',
}
for (const [ip, entry] of Object.entries(cases)) {
  t.test(`${ip} is ${entry ?? 'not allowed'}`, async (t) => t.equal(matches({ ip }), entry))
}

const names: Record<string, string | undefined> = {
  'example.org': 'example.org',
  'EXAMPLE.org.': 'example.org',
  'www.example.org': undefined,
  'a.backup.example': '*.Backup.example',
  'b.a.backup.example.': '*.Backup.example',
  'backup.example': undefined,
  'evilbackup.example': undefined,
  'backup.example.evil.test': undefined,
}
for (const [domain, entry] of Object.entries(names)) {
  t.test(`${domain} is ${entry ?? 'not allowed'}`, async (t) => t.equal(matches({ domain }), entry))
}

for (const entry of ['', '10.0.0.300', '10.0.0.0/33', '*', '*.', 'a b', '2001:db8::/129', 'a/24']) {
  t.test(`refuses ${JSON.stringify(entry)} and says what to write`, async (t) => {
    const invalid = { code: 'ERR_PATTERN_INVALID', remedy: /192\.0\.2\.7/ }
    t.throws(() => compileDestinations([entry]), invalid)
  })
}

t.test('an empty list allows nothing', async (t) => {
  t.equal(compileDestinations([])({ ip: '192.0.2.7', domain: 'example.org' }), undefined)
})

t.test('properties', async (t) => {
  const inNetwork = fc.property(fc.ipV4(), fc.nat(32), fc.ipV4(), (base, prefix, ip) => {
    const bits = (text: string) =>
      text
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('')
    const isInside = bits(base).slice(0, prefix) === bits(ip).slice(0, prefix)
    return (compileDestinations([`${base}/${prefix}`])({ ip }) !== undefined) === isInside
  })
  holds(t, 'a network holds the addresses that share its prefix', inNetwork)

  const total = fc.property(fc.string(), fc.string(), (ip, domain) => {
    matches({ ip, domain })
  })
  holds(t, 'asking never throws', total)

  const any = fc.uniqueArray(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((ip) => parseIp(ip) !== undefined),
    ),
    { maxLength: 50 },
  )
  const exact = fc.property(any, (ips) => {
    const matcher = compileDestinations(ips)
    return ips.every((ip) => matcher({ ip }) !== undefined)
  })
  holds(t, 'each address of a list is found', exact)
})

import fc from 'fast-check'
import t from 'tap'
import { networkScope } from '../../../platform/address.ts'
import { endpointOf, parseLoggedEndpoint } from '../../../platform/macos/network-endpoint.ts'
import { holds } from '../../support/holds.ts'

const reads: Record<string, object> = {
  'IPv4#03906bbc:443': { ip: 'masked:IPv4#03906bbc', port: 443 },
  'IPv6#b359ef86.443': { ip: 'masked:IPv6#b359ef86', port: 443 },
  'Hostname#38445e48:443': { ip: 'masked:Hostname#38445e48', port: 443 },
  '<IPv4-redacted>:53': { ip: 'masked:IPv4', port: 53 },
  '<IPv6-redacted>:53': { ip: 'masked:IPv6', port: 53 },
  '127.0.0.1:47253': { ip: '127.0.0.1', port: 47_253 },
  '2606:4700::1111.443': { ip: '2606:4700::1111', port: 443 },
  '2606:4700::1111:443': { ip: '2606:4700::1111', port: 443 },
  '[2606:4700::1111]:443': { ip: '2606:4700::1111', port: 443 },
  'fe80::1%en0.443': { ip: 'fe80::1', port: 443 },
  'Files.Example.com.:8443': { domain: 'files.example.com', port: 8443 },
  'localhost:80': { domain: 'localhost', port: 80 },
}
for (const [text, endpoint] of Object.entries(reads)) {
  t.test(`reads ${text}`, async (t) => t.strictSame(parseLoggedEndpoint(text), endpoint))
}

for (const text of [
  '',
  '10.0.0.300:80',
  '1.2.3.4:65536',
  '1.2.3.4',
  'a b:80',
  ':80',
  '::',
  'IPv4#:80',
]) {
  t.test(`refuses ${JSON.stringify(text)}`, async (t) =>
    t.equal(parseLoggedEndpoint(text), undefined),
  )
}

t.test('the same mask is the same peer, and outside', async (t) => {
  const ip = endpointOf(parseLoggedEndpoint('Hostname#38445e48:443') ?? { port: 0 })?.ip ?? ''
  t.equal(networkScope(ip), 'external')
  t.equal(endpointOf({ domain: 'x', port: 1 }), undefined, 'a name alone is no endpoint')
})

t.test('properties', async (t) => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'IPv4#a:.[]%-1<>') }))
  holds(
    t,
    'never throws',
    fc.property(text, (some) => void parseLoggedEndpoint(some)),
  )
  const clear = fc.property(fc.ipV4(), fc.ipV6(), fc.nat(65_535), (v4, v6, port) => {
    const four = parseLoggedEndpoint(`${v4}:${port}`)
    const six = [parseLoggedEndpoint(`${v6}.${port}`), parseLoggedEndpoint(`[${v6}]:${port}`)]
    return four?.ip === v4 && six.every((one) => one?.port === port && one.ip === six[0]?.ip)
  })
  holds(t, 'every address comes back with its port', clear)
})

import fc from 'fast-check'
import t from 'tap'
import { seriesIdentity } from '../../../agent/correlate/series-key.ts'
import { holds } from '../../support/holds.ts'

t.test('the domain names the destination, and the address may change behind it', async (t) => {
  const facts = { actor: '/x', destinationDomain: 'a.example', destinationPort: 443 }
  const one = seriesIdentity({ ...facts, destinationIp: '192.0.2.1' })
  const other = seriesIdentity({ ...facts, destinationIp: '192.0.2.2', transport: 'tcp' })
  t.equal(one.key, other.key)
})

t.test('properties', async (t) => {
  const facts = fc.record({
    actor: fc.string(),
    userId: fc.string(),
    destinationIp: fc.ipV4(),
    destinationPort: fc.nat(65_535),
  })
  holds(
    t,
    'other actors, users and places are other series',
    fc.property(facts, facts, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      return (seriesIdentity(one).key === seriesIdentity(other).key) === isSame
    }),
  )
})

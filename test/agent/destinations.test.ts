import t from 'tap'
import { destinations } from '../../agent/destinations.ts'

t.test('a destination is as old as its first transfer, by whatever actor', async (t) => {
  const all = destinations()
  const place = { key: 'k', destinationIp: '192.0.2.1', destinationPort: 443 }
  t.equal(all.of(place), undefined)
  all.learn({ ...place, actor: '/a' }, 2_000)
  all.learn({ ...place, actor: '/b', destinationPort: 22 }, 1_000)
  all.learn({ ...place, actor: '/a' }, 3_000)
  t.strictSame(all.of(place), { firstSeenMs: 1_000, actors: 2 })
})

t.test('a domain is one destination, whatever its address', async (t) => {
  const all = destinations()
  const place = { key: 'k', destinationDomain: 'a.example', destinationPort: 443 }
  all.learn({ ...place, destinationIp: '192.0.2.1' }, 1_000)
  t.match(all.of({ ...place, destinationIp: '192.0.2.2' }), { actors: 1 })
})

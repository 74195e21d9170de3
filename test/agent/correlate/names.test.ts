import t from 'tap'
import { names } from '../../../agent/correlate/names.ts'

t.test('an address has the name that was last resolved to it', async (t) => {
  const known = names()
  const resolved = (domain: string, ...addresses: string[]) =>
    known.resolved({ kind: 'name-resolved', atMs: 0, dataset: 'test', domain, addresses })
  resolved('a.example', '192.0.2.1', '2001:db8::1')
  resolved('b.example', '192.0.2.1')
  t.equal(known.of('192.0.2.1'), 'b.example')
  t.equal(known.of('2001:db8::1'), 'a.example')
  t.equal(known.of('192.0.2.9'), undefined)
})

import t from 'tap'
import { nameTable } from '../../../agent/hunt/names.ts'

const told = (atMs: number, clientIp: string, domain: string, ...addresses: string[]) => ({
  atMs,
  clientIp,
  domain,
  addresses,
})

t.test('the answer last given to that host counts', async (t) => {
  const names = nameTable()
  names.add(told(1_000, '10.0.0.5', 'a.example', '192.0.2.1'))
  names.add(told(2_000, '10.0.0.5', 'b.example', '192.0.2.1'))
  names.add(told(2_500, '10.0.0.6', 'c.example', '192.0.2.1'))
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 1_500), 'a.example')
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 9_000), 'b.example')
  t.equal(names.nameOf('10.0.0.6', '192.0.2.1', 9_000), 'c.example')
})

t.test('a connection before the first answer has its name', async (t) => {
  const names = nameTable()
  names.add(told(5_000, '10.0.0.5', 'a.example', '192.0.2.1'))
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 1_000), 'a.example')
})

t.test('the answer that a resolver got stands in', async (t) => {
  const names = nameTable()
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 1_000), undefined)
  names.add(told(1_000, '10.0.0.1', 'a.example', '192.0.2.1'))
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 2_000), 'a.example')
  t.equal(names.nameOf('10.0.0.5', '192.0.2.2', 2_000), undefined)
})

t.test('answers may come in any order', async (t) => {
  const names = nameTable()
  names.add(told(9_000, '10.0.0.5', 'c.example', '192.0.2.1'))
  names.add(told(1_000, '10.0.0.5', 'a.example', '192.0.2.1'))
  names.add(told(5_000, '10.0.0.5', 'b.example', '192.0.2.1'))
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 1_500), 'a.example')
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 6_000), 'b.example')
  t.equal(names.nameOf('10.0.0.5', '192.0.2.1', 9_500), 'c.example')
})

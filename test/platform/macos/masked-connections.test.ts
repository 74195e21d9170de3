import t from 'tap'
import { maskOf } from '../../../platform/address.ts'
import { maskedConnections } from '../../../platform/macos/masked-connections.ts'

const clear = { ip: '203.0.113.9', port: 443 }
const begun = (number: number, change: object = {}) => ({
  ...{ pid: 7, source: { ip: maskOf(`C${number}.7`), port: 0 }, startMs: 1_000 },
  destination: { ip: maskOf('Hostname#38445e48'), port: 443 },
  ...change,
})

t.test('a socket is the connection that its process began to that port since', async (t) => {
  const { begun: tell, claim } = maskedConnections()
  tell(begun(1))
  t.equal(claim(8, clear, 0), undefined, 'another process')
  t.equal(claim(7, { ...clear, port: 80 }, 0), undefined, 'another port')
  t.equal(claim(7, clear, 1_001), undefined, 'it began before the last look')
  t.strictSame(claim(7, clear, 1_000), { ip: 'masked:C1.7', port: 0 })
  t.equal(claim(7, clear, 1_000), undefined, 'each is one socket')
})

t.test('of several to one place the first, of several places none', async (t) => {
  const { begun: tell, claim } = maskedConnections()
  for (const number of [1, 2]) tell(begun(number))
  t.match([claim(7, clear, 0), claim(7, clear, 0)], [{ ip: 'masked:C1.7' }, { ip: 'masked:C2.7' }])
  tell(begun(3))
  tell(begun(4, { destination: { ip: maskOf('Hostname#0badc0de'), port: 443 } }))
  t.equal(claim(7, clear, 0), undefined)
})

t.test('an address in clear must be the same', async (t) => {
  const { begun: tell, claim } = maskedConnections()
  tell(begun(1, { destination: clear }))
  t.equal(claim(7, { ...clear, ip: '198.51.100.7' }, 0), undefined)
  t.ok(claim(7, clear, 0))
})

t.test('what lsof never sees is forgotten', async (t) => {
  const { begun: tell, claim } = maskedConnections()
  tell(begun(1, { pid: 9 }))
  for (let number = 2; number < 2_000; number++) tell(begun(number))
  t.equal(claim(9, clear, 0), undefined)
})

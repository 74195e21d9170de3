import fc from 'fast-check'
import t from 'tap'
import { isBehind, parseStamp, stampText } from '../../../platform/linux/audit-stamp.ts'
import { holds } from '../../support/holds.ts'

t.test('a text that is no bookmark of ours is none', async (t) => {
  for (const text of [undefined, '', '17', 'x:1', '1:2:3', '-1:2', '1.5:2']) {
    t.equal(parseStamp(text), undefined, String(text))
  }
})

t.test('time comes first, since serials begin anew at each boot', async (t) => {
  t.equal(isBehind({ atMs: 5, serial: 900 }, { atMs: 6, serial: 1 }), true)
  t.equal(isBehind({ atMs: 5, serial: 1 }, { atMs: 5, serial: 2 }), true)
  t.equal(isBehind({ atMs: 5, serial: 1 }, { atMs: 5, serial: 1 }), false)
})

t.test('properties', async (t) => {
  const anyStamp = fc.tuple(fc.nat(2 ** 45), fc.nat(2 ** 32 - 1))
  const readsBack = fc.property(anyStamp, ([atMs, serial]) => {
    const stamp = { atMs, serial }
    t.strictSame(parseStamp(stampText(stamp)), stamp)
  })
  holds(t, 'reads back every stamp', readsBack)
})

import fc from 'fast-check'
import t from 'tap'
import { safeJson } from '../../agent/safe-json.ts'
import { holds } from '../support/holds.ts'

t.test('spells out what a terminal obeys, and leaves the layout alone', async (t) => {
  const value = { a: '\x9b1m\x7f\u202e\u2028\u{e0041}é€\n' }
  const json = JSON.stringify(value, undefined, 2)
  t.equal(safeJson(json), '{\n  "a": "\\u009b1m\\u007f\\u202e\\u2028\\udb40\\udc41é€\\n"\n}')
})

t.test('properties', async (t) => {
  const same = fc.property(fc.jsonValue(), (value) => {
    const json = safeJson(JSON.stringify(value))
    t.strictSame(JSON.parse(json), JSON.parse(JSON.stringify(value)))
  })
  holds(t, 'the value is the same', same)
  const harmless = fc.property(fc.string({ unit: 'binary' }), (text) => {
    return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(safeJson(JSON.stringify(text)))
  })
  holds(t, 'nothing that a terminal obeys is left', harmless)
})

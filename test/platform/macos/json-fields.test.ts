import fc from 'fast-check'
import t from 'tap'
import {
  fieldsOf,
  parseObject,
  textOf,
  textsOf,
  wholeOf,
  within,
} from '../../../platform/macos/json-fields.ts'
import { holds } from '../../support/holds.ts'

t.test('a line is an object or nothing', async (t) => {
  t.strictSame(parseObject('{"a":1}'), { a: 1 })
  for (const line of ['', '{', '[]', 'null', '7', '"x"'])
    t.equal(parseObject(line), undefined, line)
})

t.test('steps into what is there', async (t) => {
  const fields = { a: { b: { c: 'x' } }, list: [1] }
  t.equal(within(fields, 'a', 'b')?.['c'], 'x')
  t.equal(within(fields, 'a', 'x', 'b'), undefined)
  t.equal(within(fields, 'list'), undefined)
  t.equal(within(undefined, 'a'), undefined)
  t.equal(fieldsOf(null), undefined)
})

t.test('takes values of the kind asked for', async (t) => {
  t.strictSame(['x', '', 1, null].map(textOf), ['x', undefined, undefined, undefined])
  t.strictSame([0, 5, -1, 1.5, '5', 2 ** 53].map(wholeOf), [0, 5, ...Array(4).fill(undefined)])
  t.strictSame(textsOf(['a', '']), ['a', ''])
  t.equal(textsOf(['a', 1]), undefined)
  t.equal(textsOf('a'), undefined)
})

t.test('a number beyond 2^53 is refused, not rounded', async (t) => {
  t.equal(wholeOf(parseObject('{"traceID":338696976352935940}')?.['traceID']), undefined)
})

t.test('properties', async (t) => {
  const total = fc.property(fc.string(), (line) => void parseObject(line))
  holds(t, 'never throws on a line', total)
  const any = fc.property(fc.anything(), (value) => {
    textOf(value)
    textsOf(value)
    wholeOf(value)
    within(fieldsOf(value), 'a', 'b')
  })
  holds(t, 'never throws on a value', any)
})

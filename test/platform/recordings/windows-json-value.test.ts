import t from 'tap'
import { at, nameOf, objectOf, textOf } from '../../../platform/recordings/windows-json-value.ts'

t.test('scalars and elements have a text', async (t) => {
  const texts = ['a', 7, false, { text: 'b' }, { '#text': 3 }, { _: 'c' }].map(textOf)
  t.strictSame(texts, ['a', '7', 'false', 'b', '3', 'c'])
  for (const value of [null, undefined, {}, [], { text: { text: 'a' } }]) {
    t.equal(textOf(value), undefined)
  }
})

t.test('attributes stand beside the text, or apart', async (t) => {
  const forms = [{ Name: 'a' }, { '@Name': 'a' }, { '#attributes': { Name: 'a' } }]
  for (const form of forms) t.equal(nameOf(form, 'Name'), 'a')
  t.equal(nameOf('a', 'Name'), undefined)
})

t.test('a path is nested or written out', async (t) => {
  t.equal(at({ a: { b: { c: 1 } } }, 'a.b.c'), 1)
  t.equal(at({ 'a.b.c': 1 }, 'a.b.c'), 1)
  t.equal(at({ a: 1 }, 'a.b.c'), undefined)
  t.equal(objectOf([]), undefined)
})

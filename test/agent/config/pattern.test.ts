import fc from 'fast-check'
import t from 'tap'
import { patternProblem } from '../../../agent/config/pattern.ts'
import { holds } from '../../support/holds.ts'

for (const source of [
  '^/tmp/',
  '/\\.[^/.][^/]*(?:/|$)',
  '^/home/[^/]+/(?:a|b)?',
  '(?:ab){2}',
  '(?:[(+*]x)+',
  '\\(a+\\)+',
  '(?:abc)+d',
]) {
  t.test(`lets ${source} pass`, async (t) => t.equal(patternProblem(source), undefined))
}

for (const [source, why] of [
  ['(a+)+$', /repeats a group/],
  ['(?:a*)*', /repeats a group/],
  ['((a+)b?)+', /repeats a group/],
  ['(?:a|a)+', /repeats a group/],
  ['(x{1,})*', /repeats a group/],
  ['(a)\\1', /back reference/],
  ['(unclosed', /no regular expression/],
  ['[z-a]', /no regular expression/],
  ['a'.repeat(257), /longer than 256/],
] as const) {
  t.test(`refuses ${source.slice(0, 20)}`, async (t) => t.match(patternProblem(source), why))
}

t.test('properties', async (t) => {
  const total = fc.property(
    fc.string({ unit: fc.constantFrom(...'(a|b)*+?[]{1,}\\^$.') }),
    (source) => {
      if (patternProblem(source) !== undefined) return true
      new RegExp(source, 'u')
      return true
    },
  )
  holds(t, 'never throws, and what passes compiles', total, { numRuns: 2_000 })
})

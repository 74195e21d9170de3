import fc from 'fast-check'
import t from 'tap'
import { childOf, childText, parseXml, unescapeXml } from '../../../platform/shared/xml.ts'
import { holds } from '../../support/holds.ts'

t.test('elements, attributes, texts', async (t) => {
  const text = `\uFEFF<?xml version="1.0" encoding="UTF-16"?>
<!-- a <b> -->
<n:a x="1" y='a&amp;b'> one <b/><c>2 &lt; 3</c> two<![CDATA[ <raw> ]]></n:a>
`
  const result = parseXml(text)
  const root = result.ok ? result.value : undefined
  t.equal(root?.name, 'a')
  t.strictSame(
    [...(root?.attributes ?? [])],
    [
      ['x', '1'],
      ['y', 'a&b'],
    ],
  )
  t.strictSame(
    root?.children.map(({ name }) => name),
    ['b', 'c'],
  )
  t.equal(childText(root, 'c'), '2 < 3')
  t.equal(childText(root, 'b'), undefined)
  t.equal(childOf(root, 'd'), undefined)
  t.equal(root?.text, 'one  two <raw>')
  const c = childOf(root, 'c')
  t.equal(text.slice(c?.from, c?.to), '<c>2 &lt; 3</c>')
})

t.test('entities', async (t) => {
  t.equal(unescapeXml('&lt;&gt;&amp;&quot;&apos;&#65;&#x42;'), '<>&"\'AB')
  t.equal(unescapeXml('&nbsp; &#x110000; & &amp;lt;'), '&nbsp; &#x110000; & &lt;')
})

t.test('what is not well-formed is refused', async (t) => {
  const bad = [
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '</a>',
    '<a b></a>',
    '<a b="<"/>',
    '<a><!-- </a>',
    '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    '<a>'.repeat(65) + '</a>'.repeat(65),
  ]
  for (const text of bad) t.notOk(parseXml(text).ok, text.slice(0, 40))
  t.notOk(parseXml(`<a>${'x'.repeat(1 << 20)}</a>`).ok, 'beyond 1 MiB')
})

t.test('what is cut off at its end is read where it was asked for', async (t) => {
  for (const text of ['<a><b>x</b><c>yz', '<a><b>x</b><c>yz</', '<a><b>x</b><c>yz</c><d e="f']) {
    t.notOk(parseXml(text).ok)
    const result = parseXml(text, true)
    const root = result.ok ? result.value : undefined
    t.strictSame([childText(root, 'b'), childText(root, 'c')], ['x', 'yz'], text)
  }
  t.notOk(parseXml('<a><b</a>', true).ok, 'damage in the middle is no cut')
  t.notOk(parseXml('', true).ok)
})

t.test('properties', async (t) => {
  const pieces = fc.constantFrom('<', '>', '</', '/>', 'a', ' ', '="', '"', '<![CDATA[', '-->', '&')
  const text = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }).map((all) => all.join(''))
  const total = fc.property(text, fc.boolean(), (xml, mayBeCut) => {
    return typeof parseXml(xml, mayBeCut).ok === 'boolean'
  })
  holds(t, 'never throws', total)
  const back = fc.property(fc.string(), (content) => {
    const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    const result = parseXml(`<a>${escaped}</a>`)
    t.equal(result.ok && result.value.text, content.trim())
  })
  holds(t, 'an escaped text comes back', back)
})

t.test('a long tag that is never closed is refused at once', async (t) => {
  const before = performance.now()
  for (const filler of [' ', 'a', ' a', ' a="b"', '<a ']) {
    t.notOk(parseXml(`<a ${filler.repeat(100_000)}`).ok)
  }
  t.ok(performance.now() - before < 5000)
})

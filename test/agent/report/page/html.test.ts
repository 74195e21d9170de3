import t from 'tap'
import { escaped, html, trusted } from '../../../../agent/report/page/html.ts'

t.test('what is put in is text, unless it was made the same way', async (t) => {
  const hostile = `<script>alert('x')</script>" onload="y`
  t.equal(
    html`<p title="${hostile}">${hostile}</p>`.html,
    `<p title="${escaped(hostile)}">${escaped(hostile)}</p>`,
  )
  t.notMatch(escaped(hostile), /[<>"']/)
  t.equal(
    html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>`.html,
    '<ul><li>1</li><li>2</li></ul>',
  )
  t.equal(html`a${undefined}b${[]}c${trusted('<i>')}`.html, 'abc<i>')
})

t.test('what would turn text around is spelled out', async (t) => {
  t.equal(escaped('a\u202eb\u0000\n&amp;'), 'a\\u{202e}b\\x00\\n&amp;amp;')
})

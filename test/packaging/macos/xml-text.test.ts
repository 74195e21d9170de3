import t from 'tap'
import { xmlText } from '../../../packaging/macos/xml-text.ts'

t.test('nothing in a text ends an element or an attribute', async (t) => {
  t.equal(xmlText('a & "b" <c>'), 'a &amp; &quot;b&quot; &lt;c&gt;')
})

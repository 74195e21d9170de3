import t from 'tap'
import { filterPath } from './filter-path.ts'

const answer = { took: 1, items: [{ create: { _id: 'a', error: { type: 'x' } } }, { index: {} }] }

t.test('keeps the fields that are named, and drops what has none', async (t) => {
  t.strictSame(filterPath(answer, ['items.create._id']), { items: [{ create: { _id: 'a' } }] })
  t.strictSame(filterPath(answer, ['took', 'items.*.error']), {
    took: 1,
    items: [{ create: { error: { type: 'x' } } }],
  })
  t.strictSame(filterPath(answer, ['**.type']), {
    items: [{ create: { error: { type: 'x' } } }],
  })
  t.strictSame(filterPath(answer, ['nothing']), {})
})

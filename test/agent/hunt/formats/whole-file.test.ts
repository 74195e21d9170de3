import t from 'tap'
import { wholeFileReader } from '../../../../agent/hunt/formats/whole-file.ts'

t.test('hands on the whole, when it is over', async (t) => {
  const taken: string[] = []
  const reader = wholeFileReader('list', (bytes, { counts, faults }) => {
    taken.push(bytes.toString())
    counts.rows++
    faults.push({ line: 1, reason: 'odd' })
  })
  reader.push(Buffer.from('a'))
  reader.push(Buffer.from('b'))
  t.strictSame(taken, [])
  reader.end()
  t.strictSame(taken, ['ab'])
  t.match(reader, { counts: { rows: 1 }, faults: [{ reason: 'odd' }], refusal: undefined })
})

t.test('what is too large is refused, and not kept', async (t) => {
  const reader = wholeFileReader('list', () => t.fail('handed on'))
  for (let i = 0; i < 5; i++) reader.push(Buffer.alloc(1 << 18))
  reader.end()
  t.equal(reader.refusal, 'no list: larger than 1 MiB')
  t.equal(reader.counts.rows, 0)
})

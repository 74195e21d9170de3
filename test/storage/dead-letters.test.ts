import Database from 'better-sqlite3'
import t from 'tap'
import { DeadLetters } from '../../storage/dead-letters.ts'
import { migrate } from '../../storage/migrate.ts'

function lettersOf(maxLetters = 100) {
  const db = new Database(':memory:')
  migrate(db)
  return new DeadLetters(db, maxLetters)
}
const letter = (id: string, atMs: number, rest = {}) => ({
  ...{ output: 'main', id, revision: 1, atMs, reason: 'field [x] is no date', document: '{"x":1}' },
  ...rest,
})

t.test('a letter keeps the document, who refused it and why', async (t) => {
  const letters = lettersOf()
  letters.put(letter('a', 10))
  letters.put(letter('b', 20, { output: 'soc' }))
  t.strictSame(letters.newest(9), [letter('b', 20, { output: 'soc' }), letter('a', 10)])
  t.equal(letters.newest(1).length, 1)
  t.equal(letters.count(), 2)
})

t.test('one letter a revision and output: the last word', async (t) => {
  const letters = lettersOf()
  letters.put(letter('a', 10))
  letters.put(letter('b', 20))
  letters.put(letter('a', 30, { reason: 'again' }))
  letters.put(letter('a', 40, { revision: 2 }))
  t.strictSame(
    letters.newest(9).map(({ id, atMs }) => `${id} ${atMs}`),
    ['a 40', 'a 30', 'b 20'],
  )
})

t.test('the oldest make room', async (t) => {
  const letters = lettersOf(2)
  for (const atMs of [1, 2, 3]) letters.put(letter(`a${atMs}`, atMs))
  t.strictSame(
    letters.newest(9).map(({ atMs }) => atMs),
    [3, 2],
  )
})

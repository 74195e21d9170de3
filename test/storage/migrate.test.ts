import Database from 'better-sqlite3'
import t from 'tap'
import { DeadLetters } from '../../storage/dead-letters.ts'
import { MIGRATIONS, migrate, SCHEMA_VERSION, schemaVersion } from '../../storage/migrate.ts'
import { Outbox } from '../../storage/outbox.ts'
import { Totals } from '../../storage/totals.ts'

t.test('an empty database gets the schema, once', async (t) => {
  const db = new Database(':memory:')
  t.equal(schemaVersion(db), 0)
  migrate(db)
  migrate(db)
  t.equal(schemaVersion(db), SCHEMA_VERSION)
  t.equal(db.prepare('SELECT count(*) FROM total').pluck().get(), 1)
})

t.test('every table is strict', async (t) => {
  const db = new Database(':memory:')
  migrate(db)
  const loose = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict"
  t.strictSame(db.prepare(loose).pluck().all(), ['sqlite_schema'])
})

t.test('only the missing steps are taken, all or none', async (t) => {
  const db = new Database(':memory:')
  const [one, two] = ['CREATE TABLE one (a)', 'CREATE TABLE two (a)']
  const tables = () =>
    db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  migrate(db, [one])
  t.throws(() => migrate(db, [one, two, 'CREATE nonsense']))
  t.strictSame(tables(), ['one'])
  t.equal(db.pragma('user_version', { simple: true }), 1)
})

t.test('a newer schema is refused, and left alone', async (t) => {
  const db = new Database(':memory:')
  migrate(db)
  db.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
  t.throws(() => migrate(db), { code: 'ERR_STORE_NEWER', message: /newer agent/, remedy: /./ })
})

t.test('a foreign database is refused, and left alone', async (t) => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE precious (a)')
  t.throws(() => migrate(db), { code: 'ERR_STORE_CORRUPT', message: /not one of this agent/ })
  t.equal(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get(), 1)
})

t.test('what the one endpoint of the first schema took or refused stays so', async (t) => {
  const db = new Database(':memory:')
  migrate(db, MIGRATIONS.slice(0, 1))
  const insert = db.prepare("INSERT INTO alert VALUES (?, 's', 1, ?, '{}', 1, ?, ?, ?, ?)")
  insert.run('sent', 10, 2, 2, 2, null)
  insert.run('waits', 20, 2, 1, 1, null)
  insert.run('refused', 30, 1, 0, 1, 'no date')
  migrate(db)
  const outbox = new Outbox(db, new Totals(db), 9)
  t.strictSame(
    outbox.unsent('main', 9).map(({ id }) => id),
    ['waits'],
  )
  t.match(outbox.get('refused'), { rejected: 'main: no date' })
  t.strictSame(outbox.counts(), { waiting: 1, sent: 2 })
  const letter = { output: 'main', id: 'refused', revision: 1, atMs: 30, reason: 'no date' }
  t.match(new DeadLetters(db, 9).newest(9), [letter])
})

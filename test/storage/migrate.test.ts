import Database from 'better-sqlite3'
import t from 'tap'
import { migrate, SCHEMA_VERSION, schemaVersion } from '../../storage/migrate.ts'

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

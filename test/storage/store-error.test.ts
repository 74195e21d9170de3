import Database from 'better-sqlite3'
import t from 'tap'
import { AgentError } from '../../platform/errors.ts'
import { toStoreError } from '../../storage/store-error.ts'

const codes = {
  SQLITE_FULL: 'ERR_STORE_FULL',
  SQLITE_IOERR_SHMSIZE: 'ERR_STORE_FULL',
  SQLITE_NOTADB: 'ERR_STORE_CORRUPT',
  SQLITE_CORRUPT_INDEX: 'ERR_STORE_CORRUPT',
  SQLITE_BUSY_RECOVERY: 'ERR_STORE_LOCKED',
  SQLITE_IOERR_READ: 'ERR_STORE_IO',
  SQLITE_CANTOPEN: 'ERR_STORE_IO',
}
for (const [code, ours] of Object.entries(codes)) {
  t.test(`${code} is ${ours}, and says what to do`, async (t) => {
    const cause = new Database.SqliteError('so it is', code)
    t.match(toStoreError('/data/x.db', cause), {
      code: ours,
      message: /^\/data\/x\.db: \w/,
      remedy: /\w/,
      cause,
    })
  })
}

t.test('our own errors and bugs pass as they are', async (t) => {
  const own = new AgentError('ERR_STORE_NEWER', 'newer')
  const bug = new Database.SqliteError('syntax', 'SQLITE_ERROR')
  t.equal(toStoreError('x', own), own)
  t.equal(toStoreError('x', bug), bug)
  t.equal(toStoreError('x', 7), 7)
})

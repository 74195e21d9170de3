import { linkSync, lstatSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { databasePath, lockFolder, prepareFolder, setAside } from '../../storage/folder.ts'

const modeOf = (path: string) => lstatSync(path).mode & 0o777

t.test('makes a private folder with private files', async (t) => {
  const folder = join(t.testdir(), 'state', 'tidewatch')
  prepareFolder(folder)
  t.equal(modeOf(folder), 0o700)
  t.equal(modeOf(databasePath(folder)), 0o600)
})

t.test('makes an open folder private', async (t) => {
  const folder = t.testdir({ 'tidewatch.db': '' })
  prepareFolder(folder)
  t.equal(modeOf(folder), 0o700)
  t.equal(modeOf(databasePath(folder)), 0o600)
})

t.test('refuses a folder that is a link', async (t) => {
  const dir = t.testdir({ real: {} })
  symlinkSync(join(dir, 'real'), join(dir, 'link'))
  t.throws(() => prepareFolder(join(dir, 'link')), {
    code: 'ERR_STORE_FOLDER',
    message: /symbolic link/,
  })
  t.strictSame(readdirSync(join(dir, 'real')), [], 'and leaves nothing behind it')
})

t.test('refuses a database that is a link, even one to nowhere', async (t) => {
  const dir = t.testdir({ victim: 'precious' })
  for (const target of ['victim', 'nowhere']) {
    const folder = join(dir, `folder-${target}`)
    prepareFolder(folder)
    const held = setAside(folder, 0)
    t.match(held, /set-aside-1970-01-01T000000000Z\.db$/)
    // In place of the fresh file.
    rmSync(databasePath(folder))
    symlinkSync(join(dir, target), databasePath(folder))
    t.throws(() => prepareFolder(folder), { code: 'ERR_STORE_FOLDER' })
  }
})

t.test('refuses a database with a second name', async (t) => {
  const dir = t.testdir({ folder: { 'tidewatch.db': '' } })
  linkSync(join(dir, 'folder', 'tidewatch.db'), join(dir, 'second'))
  t.throws(() => prepareFolder(join(dir, 'folder')), { message: /hard/ })
})

t.test('refuses what is no folder, naming it', async (t) => {
  const dir = t.testdir({ file: '' })
  t.throws(() => prepareFolder(join(dir, 'file')), {
    code: 'ERR_STORE_FOLDER',
    message: /file/,
    remedy: /--data-dir/,
  })
})

t.test('one at a time holds the folder', async (t) => {
  const folder = join(t.testdir(), 'data')
  prepareFolder(folder)
  const lock = lockFolder(folder)
  t.throws(() => lockFolder(folder), { code: 'ERR_STORE_LOCKED', remedy: /--data-dir/ })
  prepareFolder(folder)
  t.throws(() => lockFolder(folder), { code: 'ERR_STORE_LOCKED' }, 'preparing drops no lock')
  lock.release()
  const next = lockFolder(folder)
  t.ok(next, 'then the next one may')
  next.release()
})

t.test('sets a database aside with its WAL', async (t) => {
  const folder = t.testdir({ 'tidewatch.db': 'one', 'tidewatch.db-wal': 'two' })
  const aside = setAside(folder, Date.UTC(2026, 0, 2, 3, 4, 5))
  t.match(aside, /tidewatch-set-aside-2026-01-02T030405000Z\.db$/)
  t.strictSame(readdirSync(folder).sort(), [
    'tidewatch-set-aside-2026-01-02T030405000Z.db',
    'tidewatch-set-aside-2026-01-02T030405000Z.db-wal',
    'tidewatch.db',
  ])
})

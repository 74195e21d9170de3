import { readFileSync, statSync } from 'node:fs'
import t from 'tap'
import { openStoreReadOnly } from '../../../storage/database.ts'
import { runAgent } from '../../support/command-context.ts'
import { fillDemoStore } from '../../support/demo-store.ts'

t.test('agent report', async (t) => {
  const folder = t.testdir({})
  fillDemoStore(folder)
  const run = (...args: readonly string[]) =>
    runAgent(['report', '--data-dir', folder, ...args], { openStoreReadOnly })

  await t.test('writes a file for its owner alone', async (t) => {
    const file = `${folder}/r.html`
    t.match(await run('-o', file, '--limit', '3'), { exitCode: 0, output: `${file}: 4 findings\n` })
    t.equal(statSync(file).mode & 0o777, 0o600)
    const page = readFileSync(file, 'utf8')
    t.match(page, '<title>Tidewatch: recurring transfers of web1</title>')
    t.equal(page.split('<article').length, 4)
    t.match(page, '1 more of less risk are not told')
  })

  await t.test('or to standard output', async (t) => {
    t.match((await run('-o', '-')).output, /^<!doctype html>/)
  })

  await t.test('says what is wrong', async (t) => {
    t.match(await run('-o', '/nonexistent/r.html'), {
      exitCode: 70,
      complaint: /^\/nonexistent\/r\.html: ENOENT; name a file in a folder/,
    })
    t.match((await run('--time-zone', 'Mars')).complaint, /no IANA time zone/)
    t.match((await run('--limit', '0')).complaint, /whole number from 1 to 1000/)
  })
})

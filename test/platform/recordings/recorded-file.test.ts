import { gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { readRecorded } from '../../support/read-recorded.ts'

async function textOf(path: string): Promise<{ text: string; readBytes: number }> {
  let text = ''
  const readBytes = await readRecorded(path, (bytes) => {
    text += bytes.toString()
    return true
  })
  return { text, readBytes }
}

const TEXT = 'a line\n'.repeat(100_000)

for (const [what, bytes] of [
  ['plain', Buffer.from(TEXT)],
  ['gzip', gzipSync(TEXT)],
  ['gzip in two members', Buffer.concat([gzipSync(TEXT.slice(0, 7)), gzipSync(TEXT.slice(7))])],
  ['gzip with more behind it', Buffer.concat([gzipSync(TEXT), Buffer.alloc(700_000)])],
  ['zstd', zstdCompressSync(TEXT)],
  [
    'zstd in two frames',
    Buffer.concat([zstdCompressSync(TEXT.slice(0, 7)), zstdCompressSync(TEXT.slice(7))]),
  ],
] as const) {
  t.test(`reads ${what}, whatever its name`, async (t) => {
    const path = `${t.testdir({ 'conn.log': bytes })}/conn.log`
    const { text, readBytes } = await textOf(path)
    t.ok(text === TEXT, 'all of it')
    t.equal(readBytes, bytes.length)
  })
}

t.test('an empty file is read to its end', async (t) => {
  t.match(await textOf(`${t.testdir({ empty: '' })}/empty`), { text: '' })
})

t.test('of a damaged file, all before the damage is handed on', async (t) => {
  const random = Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0).join()
  const cut = gzipSync(random).subarray(0, 200_000)
  const path = `${t.testdir({ 'cut.gz': cut })}/cut.gz`
  let text = ''
  const reading = readRecorded(path, (bytes) => {
    text += bytes.toString()
    return true
  })
  await t.rejects(reading, {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: /cut\.gz: damaged or cut off \(gzip: /,
    remedy: /copy it again/,
  })
  t.ok(text.length > 200_000, `${text.length} characters came before`)
  t.ok(random.startsWith(text), 'and they are sound')
})

t.test('stops when no more is wanted', async (t) => {
  const path = `${t.testdir({ big: TEXT.repeat(5) })}/big`
  let chunks = 0
  await readRecorded(path, () => ++chunks < 2)
  t.equal(chunks, 2)
})

t.test('says what is wrong with a path', async (t) => {
  const folder = t.testdir({ inner: {} })
  await t.rejects(textOf(`${folder}/none`), { message: /none: no such file/, remedy: /path/ })
  await t.rejects(textOf(`${folder}/inner`), { message: /inner: is a folder/ })
})

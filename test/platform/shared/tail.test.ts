import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type TailChunk, tail } from '../../../platform/shared/tail.ts'
import { fakeClock } from '../../support/fake-clock.ts'

/** A log in a folder of its own, followed with one look at each call. */
function follow(
  t: Test,
  content: string,
  options: { position?: string; from?: 'start' | 'end' } = {},
) {
  const path = join(t.testdir({ log: content }), 'log')
  return { path, ...reopen(path, options) }
}

function reopen(path: string, options: { position?: string; from?: 'start' | 'end' } = {}) {
  const clock = fakeClock(0, 100)
  const chunks = tail(
    { path, clock, pollMs: 1000, from: 'start', ...options },
    new AbortController().signal,
  )
  /** All lines up to the next wait. */
  const look = async (): Promise<{ lines: string[]; isBroken: boolean; position: string }> => {
    const lines: string[] = []
    let isBroken = false
    for (;;) {
      const chunk = (await chunks.next()).value as TailChunk
      lines.push(...chunk.lines)
      isBroken ||= chunk.isBroken
      if (chunk.isAtEnd) return { lines, isBroken, position: chunk.position }
    }
  }
  return { look, close: () => chunks.return(undefined) }
}

/** A file system may stamp two writes in one tick of its clock; rotation in life is minutes apart. */
const written = (path: string, second: number): void => utimesSync(path, second, second)

t.test('hands out lines as they are written, each once', async (t) => {
  const { path, look, close } = follow(t, 'one\ntw')
  t.match(await look(), { lines: ['one'], isBroken: false })
  appendFileSync(path, 'o\nthree\n')
  t.strictSame((await look()).lines, ['two', 'three'])
  t.strictSame((await look()).lines, [])
  await close()
})

t.test('begins at the end where it is told to', async (t) => {
  const { path, look, close } = follow(t, 'old\n', { from: 'end' })
  t.strictSame((await look()).lines, [])
  appendFileSync(path, 'new\n')
  t.strictSame((await look()).lines, ['new'])
  await close()
})

t.test('reads a file of many chunks', async (t) => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `line ${i}`)
  const { look, close } = follow(t, `${lines.join('\n')}\n`)
  t.strictSame((await look()).lines, lines)
  await close()
})

t.test(
  'follows rename and create, and the writer that is slow to leave the old file',
  async (t) => {
    const { path, look, close } = follow(t, 'one\n')
    t.strictSame((await look()).lines, ['one'])
    renameSync(path, `${path}.1`)
    appendFileSync(`${path}.1`, 'two\n')
    t.strictSame((await look()).lines, ['two'], 'no new file yet')
    writeFileSync(path, '')
    appendFileSync(`${path}.1`, 'three\n')
    t.strictSame((await look()).lines, ['three'], 'a new file, but nobody writes to it yet')
    appendFileSync(`${path}.1`, 'four\nunfinished')
    appendFileSync(path, 'five\n')
    written(`${path}.1`, 1000)
    t.match(await look(), { lines: ['four', 'unfinished', 'five'], isBroken: false })
    await close()
  },
)

t.test('reads an old file of many chunks to its end before it switches', async (t) => {
  const { path, look, close } = follow(t, '')
  const lines = Array.from({ length: 90_000 }, (_, i) => `line ${i}`)
  t.strictSame((await look()).lines, [])
  writeFileSync(path, `${lines.join('\n')}\n`)
  written(path, 1000)
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'next\n')
  const { lines: read, isBroken } = await look()
  t.strictSame(read, [...lines, 'next'])
  t.notOk(isBroken)
  await close()
})

t.test('reads what was rotated twice between two looks', async (t) => {
  const { path, look, close } = follow(t, 'one\n')
  await look()
  written(path, 1000)
  renameSync(path, `${path}.2`)
  writeFileSync(`${path}.1`, 'two\n')
  written(`${path}.1`, 2000)
  writeFileSync(path, 'three\n')
  t.match(await look(), { lines: ['two', 'three'], isBroken: false })
  await close()
})

t.test('keeps the encoding after a rotation', async (t) => {
  const path = join(t.testdir({ log: 'a\n' }), 'log')
  const clock = fakeClock(0, 10)
  const signal = new AbortController().signal
  const chunks = tail({ path, clock, pollMs: 1, from: 'start', encoding: 'latin1' }, signal)
  await chunks.next()
  written(path, 1000)
  renameSync(path, `${path}-20261124`)
  writeFileSync(path, Buffer.from([0xff, 0x0a]))
  await chunks.next()
  t.strictSame((await chunks.next()).value?.lines, ['\u00ff'])
  await chunks.return(undefined)
})

t.test('follows copy and truncate, and says that something may be missing', async (t) => {
  const { path, look, close } = follow(t, 'one\ntwo\n')
  await look()
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
  t.match(await look(), { lines: [], isBroken: true })
  appendFileSync(path, 'three\n')
  t.match(await look(), { lines: ['three'], isBroken: false })
  await close()
})

t.test('sees a truncation also when the file has outgrown its old size', async (t) => {
  const { path, look, close } = follow(t, 'one\ntwo\n')
  await look()
  writeFileSync(path, 'a new beginning\nand more than before\n')
  t.match(await look(), { lines: ['a new beginning', 'and more than before'], isBroken: true })
  await close()
})

t.test('goes on by position after a restart', async (t) => {
  const { path, look, close } = follow(t, 'one\ntw')
  const { position } = await look()
  await close()
  appendFileSync(path, 'o\nthree\n')
  const again = reopen(path, { position })
  t.match(await again.look(), { lines: ['two', 'three'], isBroken: false })
  await again.close()
})

t.test('goes on in the rotated file after a restart, then in the new one', async (t) => {
  const { path, look, close } = follow(t, 'one\n')
  const { position } = await look()
  await close()
  appendFileSync(path, 'two\n')
  written(path, 1000)
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'three\n')
  const again = reopen(path, { position })
  t.match(await again.look(), { lines: ['two', 'three'], isBroken: false })
  await again.close()
})

t.test('tells what a restart finds out of reach', async (t) => {
  const { path, look, close } = follow(t, 'one\ntwo\n')
  const { position } = await look()
  await close()
  writeFileSync(`${path}.new`, 'three\n')
  rmSync(path)
  renameSync(`${path}.new`, path)
  const gone = reopen(path, { position })
  t.match(await gone.look(), { lines: ['three'], isBroken: true }, 'its file is deleted')
  await gone.close()

  const inode = /^\d+/.exec((await reopen(path).look()).position)?.[0]
  const reused = reopen(path, { position: `${inode}:3` })
  t.match(await reused.look(), { lines: ['three'], isBroken: true }, 'its inode is another file')
  await reused.close()
})

t.test('a position that is none is like none', async (t) => {
  const { look, close } = follow(t, 'one\n', { position: 'nonsense' })
  t.strictSame((await look()).lines, ['one'])
  await close()
})

t.test('a sibling with a longer name is no rotated file', async (t) => {
  const { path, look, close } = follow(t, 'one\n')
  await look()
  written(path, 1000)
  renameSync(path, `${path}.1`)
  writeFileSync(`${path}-archive`, 'other\n')
  writeFileSync(`${path}.1.gz`, 'zipped\n')
  t.strictSame((await look()).lines, [])
  t.equal(readFileSync(`${path}-archive`, 'utf8'), 'other\n')
  await close()
})

t.test('a file that is not there is a lost source', async (t) => {
  const { look } = reopen('/nonexistent/log')
  await t.rejects(look(), { code: 'ERR_SOURCE_UNAVAILABLE', message: '/nonexistent/log: ENOENT' })
})

t.test('ends when it is told to', async (t) => {
  const path = join(t.testdir({ log: 'one\n' }), 'log')
  const control = new AbortController()
  const options = { path, clock: fakeClock(0, 1000), pollMs: 1, from: 'start' } as const
  let looks = 0
  for await (const _ of tail(options, control.signal)) if (++looks === 3) control.abort()
  t.equal(looks, 3)
})

import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { fileTarget } from '../../../agent/ship/file-target.ts'

const parcel = (id: string, document = `{"id":"${id}"}`) => ({ id, revision: 1, document })

function targetIn(folder: string, rest: { maxBytes?: number; maxFiles?: number } = {}) {
  const path = join(folder, 'alerts.ndjson')
  const target = fileTarget({ path, maxBytes: 1_000, maxFiles: 3, ...rest })
  const send = (...ids: string[]) =>
    target.send(
      'alert',
      ids.map((id) => parcel(id)),
    )
  return { path, target, send, text: (suffix = '') => readFileSync(path + suffix, 'utf8') }
}

t.test('a document is a line, and what was there before stays', async (t) => {
  const { target, path, text } = targetIn(t.testdir())
  const taken = [parcel('a'), parcel('b', '{\n"b":\n1}')]
  t.match(await target.send('alert', taken), { kind: 'answered', taken })
  await target.send('health', [parcel('h')])
  t.equal(text(), '{"id":"a"}\n{ "b": 1}\n{"id":"h"}\n')
  t.equal(target.place(), path)
  t.equal(statSync(path).mode & 0o777, 0o640)
})

t.test('a full file is renamed, so that who follows it reads to the end', async (t) => {
  const folder = t.testdir()
  const { send, text } = targetIn(folder, { maxBytes: 25 })
  const inode = (name: string) => statSync(join(folder, name)).ino
  await send('1', '2')
  const first = inode('alerts.ndjson')
  await send('3')
  t.equal(inode('alerts.ndjson.1'), first)
  for (const id of ['4', '5', '6', '7', '8']) await send(id)
  t.strictSame(readdirSync(folder).toSorted(), [
    'alerts.ndjson',
    'alerts.ndjson.1',
    'alerts.ndjson.2',
  ])
  t.strictSame(
    [text('.2'), text('.1'), text()].join(''),
    '345678'.replaceAll(/./g, '{"id":"$&"}\n'),
  )
})

t.test('a batch larger than a file is written whole; one file alone begins anew', async (t) => {
  const folder = t.testdir()
  const { send, text } = targetIn(folder, { maxBytes: 25, maxFiles: 1 })
  await send('1', '2', '3', '4')
  t.equal(text().split('\n').length, 5)
  await send('5')
  t.equal(text(), '{"id":"5"}\n')
  t.strictSame(readdirSync(folder), ['alerts.ndjson'])
})

t.test('half a line of a power cut does not become part of the next', async (t) => {
  const { path, send, text } = targetIn(t.testdir())
  await send('a')
  appendFileSync(path, '{"id":"hal')
  await send('b')
  t.equal(text(), '{"id":"a"}\n{"id":"hal\n{"id":"b"}\n')
})

t.test('a link at the path is not followed', async (t) => {
  const folder = t.testdir({ secret: 'untouched' })
  const { path, send } = targetIn(folder)
  symlinkSync(join(folder, 'secret'), path)
  t.match(await send('a'), { kind: 'unavailable', reason: /is a link/ })
  t.equal(readFileSync(join(folder, 'secret'), 'utf8'), 'untouched')
})

t.test('what cannot be written waits, and says why', async (t) => {
  const folder = t.testdir({ file: '' })
  t.match(await targetIn(join(folder, 'none')).send('a'), {
    kind: 'unavailable',
    reason: /none\/alerts\.ndjson: its folder does not exist/,
  })
  t.match(await targetIn(join(folder, 'file')).send('a'), {
    kind: 'unavailable',
    reason: /ENOTDIR/,
  })
})

const withoutRoot = process.geteuid?.() === 0 ? false : 'needs root, to mount a small disk'
t.test(
  'of a batch that does not fit on the disk nothing stays',
  { skip: withoutRoot },
  async (t) => {
    const disk = mkdtempSync(join(tmpdir(), 'tidewatch-disk-'))
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tidewatch-test', disk])
    if (mounted.status !== 0) {
      rmdirSync(disk)
      t.pass('cannot mount here', { skip: `${mounted.stderr}` })
      return
    }
    try {
      const { target, text } = targetIn(disk, { maxBytes: 1e6 })
      await target.send('alert', [parcel('a')])
      const large = parcel('large', JSON.stringify('x'.repeat(30_000)))
      t.match(await target.send('alert', [large]), { kind: 'unavailable', reason: /no room/ })
      t.equal(text(), '{"id":"a"}\n')
      t.match(await target.send('alert', [parcel('b')]), { kind: 'answered' })
      t.equal(text(), '{"id":"a"}\n{"id":"b"}\n')
    } finally {
      execFileSync('umount', [disk])
      rmdirSync(disk)
    }
  },
)

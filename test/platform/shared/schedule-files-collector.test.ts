import { spawnSync } from 'node:child_process'
import { chmodSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { scheduleFiles } from '../../../platform/shared/schedule-files-collector.ts'

t.test('reads a text, by its path on the host', async (t) => {
  const files = scheduleFiles(t.testdir({ etc: { crontab: 'one' } }))
  t.match(await files.read('/etc/crontab'), {
    path: '/etc/crontab',
    text: 'one',
    modifiedMs: Number,
  })
  t.equal(await files.read('/etc/none'), undefined)
  t.equal(await files.read('/etc/crontab/none'), undefined)
})

t.test('reads again only what has changed', async (t) => {
  const root = t.testdir({ crontab: 'one' })
  const files = scheduleFiles(root)
  const first = await files.read('/crontab')
  files.begin()
  t.equal(await files.read('/crontab'), first, 'the very same')
  writeFileSync(join(root, 'crontab'), 'two')
  utimesSync(join(root, 'crontab'), 1000, 1000)
  t.match(await files.read('/crontab'), { text: 'two', modifiedMs: 1_000_000 })
})

t.test('takes regular files only: a pipe would block it for ever', async (t) => {
  const root = t.testdir({ folder: {}, big: Buffer.alloc((1 << 20) + 1) })
  spawnSync('mkfifo', [join(root, 'pipe')])
  symlinkSync('/dev/null', join(root, 'masked'))
  symlinkSync('loop', join(root, 'loop'))
  const files = scheduleFiles(root)
  for (const name of ['pipe', 'masked', 'loop', 'folder', 'big']) {
    t.equal(await files.read(`/${name}`), undefined, name)
  }
  t.equal(await files.find('/folder'), undefined)
})

t.test('tells whether a file may be run', async (t) => {
  const root = t.testdir({ script: '', text: '' })
  chmodSync(join(root, 'script'), 0o755)
  chmodSync(join(root, 'text'), 0o644)
  const files = scheduleFiles(root)
  t.match(await files.find('/script'), { path: '/script', isExecutable: true })
  t.match(await files.find('/text'), { isExecutable: false })
})

t.test('lists names in order, and none of what is not there', async (t) => {
  const files = scheduleFiles(t.testdir({ d: { b: '', a: '' } }))
  t.strictSame(await files.list('/d'), ['a', 'b'])
  t.strictSame(await files.list('/none'), [])
})

t.test('names what may not be read, for this look', async (t) => {
  const root = t.testdir({ closed: { secret: 'x' } })
  chmodSync(join(root, 'closed'), 0)
  const files = scheduleFiles(root)
  // Root may read everything, so it steps down for the look.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    t.strictSame(await files.list('/closed'), [])
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(join(root, 'closed'), 0o700)
  }
  t.strictSame([...files.unreadable], ['/closed'])
  files.begin()
  t.equal(files.unreadable.size, 0)
})

import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'plist'
import t from 'tap'
import { launchdFiles } from '../../../platform/macos/launchd-files-collector.ts'

const job = (label: string, facts: Record<string, number | boolean> = { StartInterval: 900 }) =>
  build({ Label: label, Program: '/opt/x', ...facts })

t.test('reads all the folders, and people’s own', async (t) => {
  const rootDir = t.testdir({
    Library: {
      LaunchDaemons: { 'a.plist': job('a'), 'notes.txt': 'x', '.b.plist': job('hidden') },
      LaunchAgents: { 'b.plist': job('b', { RunAtLoad: true }) },
    },
    System: {
      Library: {
        LaunchDaemons: { 'c.plist': job('c'), 'd.plist': job('d', { RunAtLoad: true }) },
      },
    },
    Users: {
      ann: { Library: { LaunchAgents: { 'e.plist': job('e') } } },
      Shared: {},
    },
    var: { root: { Library: { LaunchAgents: { 'f.plist': job('f') } } } },
  })
  const { schedules, labels, uids, malformed, unreadable } = await launchdFiles(rootDir).scan()
  t.strictSame(
    [...schedules.keys()].sort(),
    ['a', 'b', 'c', 'e', 'f'],
    'd has no rhythm and is Apple’s',
  )
  t.ok(labels.has('d'), 'it is written all the same')
  const own = process.getuid?.()
  t.strictSame(uids, own ? [own] : [], 'root has no domain of its own')
  t.match(schedules.get('e'), {
    file: '/Users/ann/Library/LaunchAgents/e.plist',
    user: { name: 'ann' },
  })
  t.ok((schedules.get('a')?.modifiedMs ?? 0) > 0)
  t.strictSame([malformed, unreadable], [[], []])
})

t.test(
  'names damaged files, reads changed ones again, and forgets those that are gone',
  async (t) => {
    const rootDir = t.testdir({
      Library: { LaunchDaemons: { 'a.plist': job('a'), 'cut.plist': job('x').slice(0, -20) } },
    })
    const files = launchdFiles(rootDir)
    const folder = join(rootDir, 'Library/LaunchDaemons')
    t.match((await files.scan()).malformed, [/^\/Library\/LaunchDaemons\/cut\.plist: .*cut off/])
    writeFileSync(join(folder, 'a.plist'), job('a', { StartInterval: 7200 }))
    rmSync(join(folder, 'cut.plist'))
    const after = await files.scan()
    t.match(after.schedules.get('a')?.timing, { everyMs: 7_200_000 })
    t.strictSame(after.malformed, [])
  },
)

t.test('what is no regular file or too large is not read', async (t) => {
  const rootDir = t.testdir({
    Library: { LaunchDaemons: { 'folder.plist': {}, 'large.plist': ' '.repeat((1 << 20) + 1) } },
  })
  symlinkSync('/nowhere', join(rootDir, 'Library/LaunchDaemons/dangling.plist'))
  const { schedules, malformed } = await launchdFiles(rootDir).scan()
  t.equal(schedules.size, 0)
  t.match(malformed, [/large\.plist: larger than/])
})

t.test('a label counts once: the first folder’s', async (t) => {
  const rootDir = t.testdir({
    Library: { LaunchDaemons: { 'a.plist': job('a') }, LaunchAgents: { 'a.plist': job('a') } },
  })
  const { schedules } = await launchdFiles(rootDir).scan()
  t.equal(schedules.get('a')?.file, '/Library/LaunchDaemons/a.plist')
})

const isRoot = process.getuid?.() === 0
t.test(
  'a folder that may not be read is named',
  { skip: isRoot && 'root reads all' },
  async (t) => {
    const rootDir = t.testdir({ Library: { LaunchDaemons: { 'a.plist': job('a') } } })
    const folder = join(rootDir, 'Library/LaunchDaemons')
    chmodSync(folder, 0)
    t.teardown(() => chmodSync(folder, 0o755))
    t.match(await launchdFiles(rootDir).scan(), { unreadable: ['/Library/LaunchDaemons'] })
  },
)

t.test('a Mac without these folders has no jobs', async (t) => {
  t.equal((await launchdFiles(t.testdir({})).scan()).schedules.size, 0)
})

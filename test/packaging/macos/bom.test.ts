import t from 'tap'
import { bom } from '../../../packaging/macos/bom.ts'
import { cksum } from '../../../packaging/macos/cksum.ts'
import { readTree } from '../../../packaging/macos/package-tree.ts'
import { readBom } from '../../support/bom-reader.ts'

t.test('lists each file with mode, owner, size, time and checksum', async (t) => {
  const root = t.testdir({
    z: { deep: { file: 'contents' } },
    a: { 'z.conf': '', link: t.fixture('symlink', 'z.conf') },
    'name.txt': 'n',
  })
  const entries = readTree(root, 1_790_000_000)
  const listed = readBom(bom(entries))
  const wanted = entries.map(({ path, mode, contents }) => ({
    ...{ path, mode, user: 0, group: 0, modifiedSeconds: 1_790_000_000, bytes: contents.length },
    checksum: (mode & 0o170_000) === 0o040_000 ? 0 : cksum(contents),
    ...((mode & 0o170_000) === 0o120_000 && { linkTarget: String(contents) }),
  }))
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
  t.strictSame([...listed].sort(byPath), wanted.sort(byPath))
  t.strictSame(
    listed.map(({ path }) => path),
    ['.', './a', './name.txt', './z', './a/link', './a/z.conf', './z/deep', './z/deep/file'],
    'by parent and name: the order of the keys',
  )
})

t.test('more than a leaf holds is an error', async (t) => {
  const entry = { path: '.', mode: 0o040_755, contents: Buffer.alloc(0), modifiedSeconds: 0 }
  t.throws(() => bom(Array.from({ length: 257 }, () => entry)), { message: /more than 256/ })
})

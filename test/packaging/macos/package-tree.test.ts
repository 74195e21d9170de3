import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readTree } from '../../../packaging/macos/package-tree.ts'

t.test('lists folders before what is in them, sorted, with their modes', async (t) => {
  const root = t.testdir({
    b: { two: '22', one: '1', link: t.fixture('symlink', 'one') },
    a: 'first',
  })
  chmodSync(root, 0o755)
  chmodSync(join(root, 'a'), 0o600)
  chmodSync(join(root, 'b'), 0o755)
  chmodSync(join(root, 'b/one'), 0o755)
  chmodSync(join(root, 'b/two'), 0o644)
  t.strictSame(
    readTree(root, 7).map(({ path, mode, contents, modifiedSeconds }) => [
      path,
      mode.toString(8),
      String(contents),
      modifiedSeconds,
    ]),
    [
      ['.', '40755', '', 7],
      ['./a', '100600', 'first', 7],
      ['./b', '40755', '', 7],
      ['./b/link', '120755', 'one', 7],
      ['./b/one', '100755', '1', 7],
      ['./b/two', '100644', '22', 7],
    ],
  )
})

import fc from 'fast-check'
import t from 'tap'
import { baselineMatch, compilePaths } from '../../../agent/detect/baseline.ts'
import { holds } from '../../support/holds.ts'

const table: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
  ['/usr/sbin/chronyd', '/usr/sbin/chronyd', true],
  ['/usr/sbin/chronyd', '/tmp/usr/sbin/chronyd', false],
  ['/opt/*/agent', '/opt/x/agent', true],
  ['/opt/*/agent', '/opt/x/y/agent', false],
  ['/opt/**/agent', '/opt/x/y/agent', true],
  ['/opt/**/agent', '/opt/agent', true],
  ['/opt/**', '/opt/a/b', true],
  ['rsync', '/usr/bin/rsync', true],
  ['rsync', '/usr/bin/rsync-evil', false],
  ['rsync', 'rsync', true],
  ['a?c', '/x/abc', true],
  ['a.c', '/x/abc', false],
  ['/opt/(x)+[1]', '/opt/(x)+[1]', true],
  ['/Opt/X', '/opt/x', false],
  ['C:\\Windows\\System32\\*.exe', 'c:\\windows\\SYSTEM32\\svchost.exe', true],
  ['C:/Windows/**', 'C:\\Windows\\System32\\svchost.exe', true],
  ['svchost.exe', 'C:\\Windows\\System32\\SVCHOST.EXE', true],
  ['C:/Windows/*', 'C:\\Windows\\System32\\svchost.exe', false],
]
for (const [pattern, path, isMatch] of table) {
  t.test(`${pattern} ${isMatch ? 'is' : 'is not'} ${path}`, async (t) => {
    t.equal(compilePaths([pattern])(path), isMatch ? pattern : undefined)
  })
}

t.test('refuses an empty pattern', async (t) => {
  t.throws(() => compilePaths(['/ok', ' ']), { code: 'ERR_PATTERN_INVALID' })
})

t.test('the baseline knows any program of the lineage, or the actor alone', async (t) => {
  const lineage = [
    { entityId: 'a', pid: 3, executable: '/usr/bin/curl' },
    { entityId: 'b', pid: 2, executable: '/opt/veeam/agent' },
  ]
  const want = { program: '/opt/veeam/agent', pattern: '/opt/veeam/*' }
  t.strictSame(baselineMatch(compilePaths(['/opt/veeam/*']), { lineage }, undefined), want)
  t.strictSame(baselineMatch(compilePaths(['/opt/veeam/*']), undefined, '/opt/veeam/agent'), want)
  t.equal(baselineMatch(compilePaths(['/opt/other/*']), { lineage }, '/x'), undefined)
})

t.test('properties', async (t) => {
  const part = fc.string({
    unit: fc.constantFrom('a', '.', '+', '(', '[', '$', '^', '|', '-'),
    minLength: 1,
  })
  const literal = fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
    const path = `/${parts.join('/')}`
    return compilePaths([path])(path) === path && compilePaths([path])(`${path}x`) === undefined
  })
  holds(t, 'a pattern without wildcards is itself and nothing longer', literal)
})

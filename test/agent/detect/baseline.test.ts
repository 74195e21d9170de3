import fc from 'fast-check'
import t from 'tap'
import { baselineMatch, compileBaseline, compilePaths } from '../../../agent/detect/baseline.ts'
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
  const [veeam, other] = [compileBaseline(['/opt/veeam/*']), compileBaseline(['/opt/other/*'])]
  t.strictSame(baselineMatch(veeam, { lineage }, undefined), want)
  t.strictSame(baselineMatch(veeam, undefined, '/opt/veeam/agent'), want)
  t.equal(baselineMatch(other, { lineage }, '/x'), undefined)
})

t.test('on a Mac who signed a program is its name', async (t) => {
  const match = (pattern: string, codeSignature: object) =>
    compileBaseline(['/nowhere', pattern])({ path: '/x', codeSignature })
  const veeam = { id: 'com.veeam.agent', teamId: 'AB12CD34EF', isPlatform: false }
  t.equal(match('signed:AB12CD34EF', veeam), 'signed:AB12CD34EF')
  t.equal(match('signed:AB12CD34EF/com.veeam.*', veeam), 'signed:AB12CD34EF/com.veeam.*')
  t.equal(match('signed:AB12CD34EF/com.veeam', veeam), undefined)
  t.equal(match('signed:ZZ12CD34EF', veeam), undefined)
  t.equal(match('signed:AB12CD34EF', { id: 'AB12CD34EF' }), undefined, 'not signed by a team')
  const bird = { id: 'com.apple.bird', isPlatform: true }
  t.ok(match('signed:apple/com.apple.bird', bird))
  t.notOk(match('signed:apple/com.apple.bird', { ...bird, isPlatform: false }), 'anyone can say so')
  t.throws(() => compileBaseline(['signed:apple']), { code: 'ERR_PATTERN_INVALID', remedy: /bird/ })
  const lineage = [{ entityId: 'a', pid: 3, codeSignature: veeam }]
  const found = { program: 'signed:AB12CD34EF', pattern: 'signed:AB12CD34EF' }
  t.strictSame(
    baselineMatch(compileBaseline(['signed:AB12CD34EF']), { lineage, actor: '/x' }, ''),
    found,
  )
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

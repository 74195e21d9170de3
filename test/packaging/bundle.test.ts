import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { type Bundle, bundleAgent } from '../../packaging/bundle.ts'
import { packagesOf } from '../../packaging/sbom.ts'

t.test('the agent is chunks, that find their native modules beside the program', async (t) => {
  const folder = t.testdir({ a: {}, b: {} })
  const [first, second] = [
    await bundleAgent(join(folder, 'a'), '1.2.3'),
    await bundleAgent(join(folder, 'b'), '1.2.3'),
  ]
  const textOf = ({ main, chunks }: Bundle) =>
    [main, ...chunks].map((file) => `${basename(file)}\n${readFileSync(file, 'utf8')}`).join('')
  const text = textOf(first)
  t.equal(text, textOf(second), 'the same bytes each time')
  t.match(text, /"1\.2\.3"/, 'its version')
  t.match(text, /"better_sqlite3\.node"/)
  t.notMatch(text, /prebuilds\//, 'no other way to the native module')
  t.notMatch(text, /[^\0-\x7f]/, 'one byte a character, in memory too')
  t.ok(first.chunks.map((file) => basename(file)).includes('main.js'))
  t.ok(first.sources.includes('agent/main.ts'))
  t.ok(packagesOf(first.sources).includes('better-sqlite3'))
  t.notOk(packagesOf(first.sources).includes('tap'), 'nothing of development')
})

t.test('what is imported when it is needed is a chunk of its own', async (t) => {
  const { chunks } = await bundleAgent(t.testdir(), '1.2.3')
  const texts = new Map(chunks.map((file) => [basename(file), readFileSync(file, 'utf8')]))
  /** All that is loaded with a chunk, at once. */
  function withAll(name: string, seen = new Set<string>()): Set<string> {
    if (seen.has(name)) return seen
    seen.add(name)
    const now = (texts.get(name) ?? '').matchAll(/=require\("\.\/([^"]+)"\)/g)
    for (const [, next = ''] of now) withAll(next, seen)
    return seen
  }
  const startsWith = (prefix: string) =>
    [...texts.keys()].find((name) => name.startsWith(prefix)) ?? 'none'
  const ofRun = withAll(startsWith('run-agent-'))
  const ofCommands = withAll(startsWith('program-'))
  t.ok(ofRun.size > 3)
  for (const lazy of ['page-', 'opamp-', 'hunt-'].map(startsWith)) {
    t.not(lazy, 'none')
    t.notOk(ofRun.has(lazy), `a running agent does without ${lazy}`)
    t.notOk(ofCommands.has(lazy), `and so do the other commands`)
  }
  t.notOk(ofCommands.has(startsWith('run-agent-')))
})

t.test('packages are told by the innermost folder of packages', async (t) => {
  const sources = ['agent/main.ts', 'node_modules/a/x.js', 'node_modules/a/node_modules/@b/c/y.js']
  t.same(packagesOf(sources), ['@b/c', 'a'])
})

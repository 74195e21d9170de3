import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundleAgent } from '../../packaging/bundle.ts'
import { packagesOf } from '../../packaging/sbom.ts'

t.test('the agent is one file, that finds its native modules beside the program', async (t) => {
  const folder = t.testdir()
  const [first, second] = [
    await bundleAgent(join(folder, 'a', 'agent.mjs'), '1.2.3'),
    await bundleAgent(join(folder, 'b', 'agent.mjs'), '1.2.3'),
  ]
  const text = readFileSync(first.path, 'utf8')
  t.equal(text, readFileSync(second.path, 'utf8'), 'the same bytes each time')
  t.match(text, /"1\.2\.3"/, 'its version')
  t.match(text, /"better_sqlite3\.node"/)
  t.notMatch(text, /prebuilds\//, 'no other way to the native module')
  t.ok(first.sources.includes('agent/main.ts'))
  t.ok(packagesOf(first.sources).includes('better-sqlite3'))
  t.notOk(packagesOf(first.sources).includes('tap'), 'nothing of development')
})

t.test('packages are told by the innermost folder of packages', async (t) => {
  const sources = ['agent/main.ts', 'node_modules/a/x.js', 'node_modules/a/node_modules/@b/c/y.js']
  t.same(packagesOf(sources), ['@b/c', 'a'])
})

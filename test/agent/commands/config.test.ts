import { join } from 'node:path'
import t from 'tap'
import { runAgent } from '../../support/command-context.ts'

t.test('shows every setting, and which of them the file gave', async (t) => {
  const file = join(t.testdir({ 'agent.yml': 'alert: { minRisk: 70 }\n' }), 'agent.yml')
  const { output } = await runAgent(['config', 'show', '--config', file])
  t.match(output, `file: ${file}\n`)
  t.match(output, /^alert\.minRisk +70 +file$/m)
  t.match(output, /^store\.maxSize +256MiB +default$/m)
  t.match(output, /^ship\.url +\(not set\) +default$/m)
  const json = JSON.parse((await runAgent(['config', 'show', '--json', '--config', file])).output)
  t.equal(json.file, file)
  t.match(
    json.settings.find((setting: { path: string }) => setting.path === 'alert.minRisk'),
    { value: 70, from: 'file' },
  )
})

t.test('says that there is no file', async (t) => {
  const { output } = await runAgent(['config', 'show'])
  t.match(output, /^file: none \(\/nonexistent\/agent\.yml is not there\)\n/)
})

t.test('checks a file: good is 0, anything else is 78 with each problem', async (t) => {
  const folder = t.testdir({ 'good.yml': 'log: { level: warn }\n', 'bad.yml': 'a: 1\nb: 2\n' })
  const good = join(folder, 'good.yml')
  t.match(await runAgent(['config', 'check', good]), { output: `${good}: good\n`, exitCode: 0 })
  const bad = await runAgent(['config', 'check', join(folder, 'bad.yml')])
  t.match(bad.complaint, /bad\.yml:1:4: a: unknown key.*\n.*bad\.yml:2:4: b: unknown key/)
  t.equal(bad.exitCode, 78)
  t.equal((await runAgent(['config', 'check', join(folder, 'none.yml')])).exitCode, 78)
})

t.test('prints the JSON Schema', async (t) => {
  const { output } = await runAgent(['config', 'schema'])
  t.match(JSON.parse(output), { properties: { detect: { properties: { timeWindow: {} } } } })
})

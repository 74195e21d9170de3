import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../agent/config/load.ts'

t.test('reads the file, and says that it did', async (t) => {
  const path = join(t.testdir({ 'agent.yml': 'log: { level: debug }\n' }), 'agent.yml')
  const loaded = await loadConfig({ path, isNamed: true })
  t.equal(loaded.config.log.level, 'debug')
  t.equal(loaded.file, path)
})

t.test('the default file may be absent, a named one must be there', async (t) => {
  const path = join(t.testdir({}), 'agent.yml')
  const loaded = await loadConfig({ path, isNamed: false })
  t.equal(loaded.config.log.level, 'info')
  t.equal(loaded.file, undefined)
  await t.rejects(loadConfig({ path, isNamed: true }), {
    code: 'ERR_CONFIG',
    message: `${path}: no such file`,
  })
})

t.test('what is no readable text is refused by name', async (t) => {
  const folder = t.testdir({ 'latin.yml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]) })
  await t.rejects(loadConfig({ path: folder, isNamed: false }), {
    message: `${folder}: is a folder`,
  })
  const path = join(folder, 'latin.yml')
  await t.rejects(loadConfig({ path, isNamed: true }), { message: `${path}: is not UTF-8 text` })
})

t.test('every problem is a line of the message', async (t) => {
  const path = join(t.testdir({ 'agent.yml': 'lok: {}\nalert: { minRisk: 101 }\n' }), 'agent.yml')
  await t.rejects(loadConfig({ path, isNamed: true }), {
    code: 'ERR_CONFIG',
    message: [
      `${path}:1:6: lok: unknown key; did you mean log?`,
      `${path}:2:19: alert.minRisk: must be a whole number from 0 to 100, is 101`,
    ].join('\n'),
  })
})

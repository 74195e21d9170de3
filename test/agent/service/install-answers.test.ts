import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../agent/config/load.ts'
import { ANSWERS, adoptAnswers, parseAnswers } from '../../../agent/service/install-answers.ts'

t.test('reads what was given, and passes over what was not', async (t) => {
  const text =
    '[answers]\r\nSHIP_URL=https://a/?b=c\r\nSHIP_API_KEY=\r\nOTHER=x\r\n SHIP_API_KEY_FILE = C:\\a b \r\n'
  t.strictSame(parseAnswers(text), [
    ['SHIP_URL', 'https://a/?b=c'],
    ['SHIP_API_KEY_FILE', 'C:\\a b'],
  ])
})

t.test('settings go into the configuration, secrets into files of their own', async (t) => {
  const folder = t.testdir({
    'agent.yml': '# mine\ndetect:\n  minScore: 0.7 # stays\nship:\n  url: https://old.example\n',
    'install.ini': '[answers]\r\nSHIP_URL=https://new.example\r\nSHIP_API_KEY=id:key\r\n',
  })
  const configFile = join(folder, 'agent.yml')
  await adoptAnswers(configFile)
  const text = readFileSync(configFile, 'utf8')
  t.match(text, '# mine\ndetect:\n  minScore: 0.7 # stays\nship:\n  url: https://new.example\n')
  const { config } = await loadConfig({ path: configFile, isNamed: true })
  t.ok(config.ship, 'it is a good configuration')
  t.equal(readFileSync(join(folder, 'ship-api-key'), 'utf8'), 'id:key\n')
  t.equal(statSync(join(folder, 'ship-api-key')).mode & 0o777, 0o600)
  t.strictSame(readdirSync(folder).sort(), ['agent.yml', 'ship-api-key'], 'the answers are gone')
})

t.test('twice is as once, and a first configuration is made', async (t) => {
  const folder = t.testdir({ 'install.ini': 'SHIP_API_KEY_FILE=/etc/key\n' })
  const configFile = join(folder, 'agent.yml')
  await adoptAnswers(configFile)
  const text = readFileSync(configFile, 'utf8')
  t.equal(text, 'ship:\n  apiKeyFile: /etc/key\n')
  await adoptAnswers(configFile)
  t.equal(readFileSync(configFile, 'utf8'), text)
})

t.test('a list has commas between its values', async (t) => {
  const folder = t.testdir({ 'install.ini': 'LABELS=env=prod, site=here\n' })
  await adoptAnswers(join(folder, 'agent.yml'))
  const text = readFileSync(join(folder, 'agent.yml'), 'utf8')
  t.equal(text, 'local:\n  labels:\n    - env=prod\n    - site=here\n')
})

t.test('without answers nothing is written', async (t) => {
  const folder = t.testdir({ 'install.ini': '[answers]\nSHIP_URL=\n' })
  await adoptAnswers(join(folder, 'agent.yml'))
  t.strictSame(readdirSync(folder), [])
  await adoptAnswers(join(folder, 'nowhere', 'agent.yml'))
  t.notOk(existsSync(join(folder, 'nowhere')))
})

t.test('UTF-16 is read too', async (t) => {
  const folder = t.testdir({})
  const text = '\ufeffSHIP_URL=https://ä.example\r\n'
  writeFileSync(join(folder, 'install.ini'), text, 'utf16le')
  await adoptAnswers(join(folder, 'agent.yml'))
  t.match(readFileSync(join(folder, 'agent.yml'), 'utf8'), 'https://ä.example')
})

t.test('a configuration that is no YAML keeps the answers for later', async (t) => {
  const folder = t.testdir({ 'agent.yml': 'a: [', 'install.ini': 'SHIP_URL=https://a.example\n' })
  const adopted = adoptAnswers(join(folder, 'agent.yml'))
  await t.rejects(adopted, { code: 'ERR_CONFIG', message: /agent\.yml: is not YAML/ })
  t.ok(existsSync(join(folder, 'install.ini')))
  t.equal(readFileSync(join(folder, 'agent.yml'), 'utf8'), 'a: [')
})

t.test('an answers file that cannot be read is an error', async (t) => {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'install.ini'))
  await t.rejects(adoptAnswers(join(folder, 'agent.yml')), { code: 'EISDIR' })
})

t.test('each answer is a setting that there is', async (t) => {
  const values: Readonly<Record<string, string>> = {
    SHIP_URL: 'https://a.example',
    FLEET_URL: 'https://a.example',
    FLEET_PUBLIC_KEY: `${'A'.repeat(43)}=`,
    LABELS: 'env=prod',
  }
  for (const name of Object.keys(ANSWERS)) {
    const folder = t.testdir({
      'install.ini': `${name}=${values[name] ?? '/etc/key'}\n`,
    })
    const configFile = join(folder, 'agent.yml')
    await adoptAnswers(configFile)
    await t.resolves(loadConfig({ path: configFile, isNamed: true }), name)
  }
})

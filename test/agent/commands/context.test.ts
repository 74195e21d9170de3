import { join } from 'node:path'
import { Command } from 'commander'
import t from 'tap'
import { examples, withDataOptions } from '../../../agent/commands/context.ts'
import { runAgent } from '../../support/command-context.ts'

t.test('the data folder is that of the option, else of the file, else the default', async (t) => {
  const config = join(t.testdir({ 'agent.yml': 'dataDir: /nonexistent/file\n' }), 'agent.yml')
  const dirOf = async (...args: string[]) =>
    JSON.parse((await runAgent(['status', '--json', ...args])).output).dataDir
  t.equal(await dirOf('--config', config, '--data-dir', '/nonexistent/x'), '/nonexistent/x')
  t.equal(await dirOf('--config', config), '/nonexistent/file')
  t.equal(await dirOf(), '/nonexistent/state')
})

t.test('a configuration that is wrong stops a command, with its exit code', async (t) => {
  const config = join(t.testdir({ 'agent.yml': 'dataDri: /x\n' }), 'agent.yml')
  const { complaint, exitCode } = await runAgent(['status', '--config', config])
  t.equal(complaint, `${config}:1:10: dataDri: unknown key; did you mean dataDir?\n`)
  t.equal(exitCode, 78)
})

t.test('the help names the defaults of this host', async (t) => {
  const paths = { dataDir: '/d', configFile: '/c.yml' }
  const command = withDataOptions(new Command('x'), { paths } as never)
  t.match(command.helpInformation(), '/d')
  t.match(command.helpInformation(), '/c.yml')
  t.equal(examples('agent a', 'agent b'), '\nExamples:\n  agent a\n  agent b')
})

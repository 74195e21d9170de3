import t from 'tap'
import { runAgent } from '../../support/command-context.ts'

t.test('a mistyped command or option is met with the nearest one', async (t) => {
  const command = await runAgent(['statsu'])
  t.match(command.complaint, /unknown command 'statsu'\n\(Did you mean status\?\)/)
  t.equal(command.exitCode, 64)
  const option = await runAgent(['alerts', '--limti', '3'])
  t.match(option.complaint, /unknown option '--limti'\n\(Did you mean --limit\?\)/)
  t.equal(option.exitCode, 64)
  const nested = await runAgent(['config', 'shwo'])
  t.match(nested.complaint, /Did you mean show\?/)
})

t.test('every command has help with examples', async (t) => {
  for (const command of ['run', 'status', 'alerts', 'config', 'config show', 'config check']) {
    const { output, exitCode } = await runAgent([...command.split(' '), '--help'])
    t.match(output, `Usage: agent ${command}`)
    t.match(output, /\nExamples:\n {2}agent /, command)
    t.equal(exitCode, 0)
  }
})

t.test('tells its version, and without a command what there is', async (t) => {
  t.match(await runAgent(['--version']), { output: '1.2.3\n', exitCode: 0 })
  t.match(await runAgent([]), { complaint: /Commands:\n +run/, exitCode: 64 })
})

t.test('an error made on purpose is one line with its remedy', async (t) => {
  const { complaint, exitCode } = await runAgent(['alerts', '--data-dir', '/nonexistent/\u001b[2J'])
  t.equal(complaint, '/nonexistent/\\x1b[2J: no database to read; start the agent\n')
  t.equal(exitCode, 70)
})

t.test('a bug is no message, and goes its way', async (t) => {
  const runSensor = async () => {
    throw new TypeError('a bug')
  }
  await t.rejects(runAgent(['run'], { runSensor }), TypeError)
})

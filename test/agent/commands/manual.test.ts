import t from 'tap'
import { runAgent } from '../../support/command-context.ts'

t.test('both tell of every command, and of themselves', async (t) => {
  for (const args of [
    ['manual'],
    ['completion', 'bash'],
    ['completion', 'zsh'],
    ['completion', 'fish'],
  ]) {
    const { output, exitCode } = await runAgent(args)
    t.equal(exitCode, 0)
    for (const name of ['run', 'status', 'alerts', 'config', 'manual', 'completion']) {
      t.match(output, name, `${args.join(' ')}: ${name}`)
    }
  }
})

t.test('a shell that is not known is met with those that are', async (t) => {
  const { complaint, exitCode } = await runAgent(['completion', 'tcsh'])
  t.match(complaint, /Allowed choices are bash, zsh, fish/)
  t.equal(exitCode, 64)
})

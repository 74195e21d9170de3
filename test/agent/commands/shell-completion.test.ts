import { spawnSync } from 'node:child_process'
import t from 'tap'
import { SHELLS } from '../../../agent/commands/shell-completion.ts'
import { runAgent } from '../../support/command-context.ts'

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

for (const shell of SHELLS) {
  t.test(`${shell} reads it`, { skip: !hasShell(shell) && `no ${shell}` }, async (t) => {
    const { output } = await runAgent(['completion', shell])
    const read = spawnSync(shell, ['-n', `${t.testdir({ completion: output })}/completion`])
    t.equal(read.stderr.toString(), '')
    t.equal(read.status, 0)
  })
}

/** What bash offers for a line, as it is when TAB is pressed at its end. */
async function offered(line: string): Promise<string[]> {
  const { output } = await runAgent(['completion', 'bash'])
  const words = line.split(' ')
  const script = `${output}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_agent_completion; printf '%s\\n' "\${COMPREPLY[@]}"`
  const bash = spawnSync('bash', ['--norc', '-c', script], { cwd: import.meta.dirname })
  t.equal(bash.stderr.toString(), '')
  return bash.stdout.toString().split('\n').filter(Boolean)
}

t.test(
  'bash offers commands, options, values and files',
  { skip: !hasShell('bash') },
  async (t) => {
    t.strictSame(await offered('agent st'), ['status'])
    t.strictSame((await offered('agent config ')).sort(), ['check', 'schema', 'show'])
    t.strictSame(await offered('agent alerts --li'), ['--limit'])
    t.strictSame(await offered('agent completion z'), ['zsh'])
    t.strictSame(await offered('agent run --config program.'), ['program.test.ts'])
    t.strictSame(await offered('agent alerts --limit '), [], 'a number is nobody else’s to tell')
    t.strictSame(await offered('agent config show --js'), ['--json'])
  },
)

const zshOffers = (folder: string): string =>
  `fpath=(${folder} $fpath); autoload -Uz compinit && compinit -u -D; echo $_comps[agent]; autoload +X _agent`
t.test('zsh knows whose it is', { skip: !hasShell('zsh') && 'no zsh' }, async (t) => {
  const { output } = await runAgent(['completion', 'zsh'])
  const zsh = spawnSync('zsh', ['-f', '-c', zshOffers(t.testdir({ _agent: output }))])
  t.equal(zsh.stdout.toString(), '_agent\n')
  t.equal(zsh.stderr.toString(), '')
})

t.test('fish offers commands and options', { skip: !hasShell('fish') && 'no fish' }, async (t) => {
  const { output } = await runAgent(['completion', 'fish'])
  const file = `${t.testdir({ 'agent.fish': output })}/agent.fish`
  const ask = (line: string): string =>
    spawnSync('fish', [
      '--no-config',
      '-c',
      `source ${file}; complete -C '${line}'`,
    ]).stdout.toString()
  t.match(ask('agent st'), /^status\t/m)
  t.match(ask('agent alerts --li'), /^--limit\t/m)
})

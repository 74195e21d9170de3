import { spawnSync } from 'node:child_process'
import { Command } from 'commander'
import t from 'tap'
import { commandModel } from '../../../agent/commands/command-model.ts'
import { manPage } from '../../../agent/commands/man-page.ts'
import { runAgent } from '../../support/command-context.ts'

t.test('every command, option and example stands in it', async (t) => {
  const { output } = await runAgent(['manual'])
  for (const part of [
    '.TH "AGENT" 1 "" "Tidewatch 1.2.3"',
    '.SS "agent alerts [options]"',
    '.B \\-\\-limit <count>',
    'agent status \\-\\-json | jq .store.alerts',
    '.SH EXIT CODES',
    '.I /etc/tidewatch/agent.yml',
  ]) {
    t.match(output, part)
  }
  t.notMatch(output, '/nonexistent', 'the paths are those of a packaged agent')
})

t.test('no text is taken for a request of roff', async (t) => {
  const root = new Command('prog')
  root
    .command('a')
    .description(".so /etc/passwd 'quoted' \\(co")
    .addHelpText('after', '\nNotes:\n  .de x')
  const page = manPage(commandModel(root), { version: '1', files: [] })
  t.match(page, '\n\\&.so /etc/passwd \\(aqquoted\\(aq \\e(co\n')
  t.match(page, '\n\\&.de x\n')
})

const hasGroff = spawnSync('groff', ['--version']).status === 0
t.test('groff has nothing to say against it', { skip: !hasGroff && 'no groff' }, async (t) => {
  const { output } = await runAgent(['manual'])
  const groff = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], { input: output })
  t.equal(groff.stderr.toString(), '')
  t.equal(groff.status, 0)
})

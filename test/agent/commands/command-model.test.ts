import { Argument, Command, Option } from 'commander'
import t from 'tap'
import { commandModel, isPath, withDescendants } from '../../../agent/commands/command-model.ts'

const root = new Command('prog').description('does it').version('1')
root
  .command('send')
  .description('sends')
  .addArgument(new Argument('<shell>', 'which').choices(['a', 'b']))
  .addOption(new Option('-f, --form <name>', 'form').choices(['x', 'y']))
  .option('--out <file>', 'kept in /home/me')
  .addHelpText('after', '\nExit codes: 0 good.\n\nExamples:\n  prog send a\n    more of it')
root.command('secret', { hidden: true })
root.command('files').argument('<file...>')

t.test('a command is told as it is defined', async (t) => {
  const model = commandModel(root, (text) => text.replace('/home/me', '/etc'))
  t.strictSame(
    withDescendants(model).map(({ words }) => words.join(' ')),
    ['prog', 'prog send', 'prog files'],
    'hidden ones and help are left out',
  )
  const [send, files] = model.children
  t.match(send, {
    usage: 'prog send [options] <shell>',
    options: [
      {
        flags: '-f, --form <name>',
        names: ['-f', '--form'],
        takesValue: true,
        choices: ['x', 'y'],
      },
      { names: ['--out'], description: 'kept in /etc' },
      { names: ['-h', '--help'], takesValue: false },
    ],
    arguments: [{ name: 'shell', choices: ['a', 'b'], isFile: false }],
    notes: [
      { heading: 'Exit codes', lines: ['0 good.'] },
      { heading: 'Examples', lines: ['prog send a', '  more of it'] },
    ],
  })
  t.match(files?.arguments, [{ isFile: true, isMany: true }])
  t.strictSame(send?.options.map(isPath), [false, true, false])
})

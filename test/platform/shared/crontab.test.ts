import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  type CronDialect,
  type CrontabOptions,
  parseCrontab,
  shellCommand,
} from '../../../platform/shared/crontab.ts'
import { holds } from '../../support/holds.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const system = { file: '/etc/crontab', dialect: 'cronie' } as const
const alice = { file: '/var/spool/cron/alice', user: 'alice', dialect: 'cronie' } as const
const commandsOf = (text: string, options: CrontabOptions = alice) =>
  parseCrontab(text, options).schedules.map(({ command }) => command)

t.test('reads a system crontab, with the user of each line', async (t) => {
  const text = 'SHELL=/bin/sh\n# daily\n\n17 *\t* * *\troot    cd / && run-parts /etc/cron.hourly\n'
  const { schedules, malformed } = parseCrontab(text, { ...system, modifiedMs: 5 })
  t.strictSame(malformed, [])
  t.match(schedules, [
    {
      scheduler: 'cron',
      trigger: '17 * * * *',
      command: '   cd / && run-parts /etc/cron.hourly',
      user: { name: 'root' },
      file: '/etc/crontab',
      line: 4,
      modifiedMs: 5,
      timing: { kind: 'calendar', patterns: ['0 17 * * * *'] },
    },
  ])
})

t.test('reads a crontab of a user', async (t) => {
  const text = '  */5 * * * *   /opt/a b \n-@daily /opt/c\n@reboot\t/opt/d'
  const { schedules } = parseCrontab(text, alice)
  t.match(schedules, [
    { trigger: '*/5 * * * *', command: '/opt/a b ', user: { name: 'alice' } },
    { trigger: '@daily', command: '/opt/c' },
    { trigger: '@reboot', command: '/opt/d', line: 3 },
  ])
  t.equal(schedules[2]?.timing, undefined, 'a boot is not foretold')
})

t.test('a command ends at the first percent sign that is not escaped', async (t) => {
  t.strictSame(commandsOf('@daily date +\\%F%to its input'), ['date +%F'])
  t.equal(shellCommand('a\\', 'debian'), 'a\\')
})

t.test('on a Mac a job may wait for mains, which is no word of its command', async (t) => {
  const text = '0 2 * * * @AppleNotOnBattery /opt/x\n@daily\t@AppleNotOnBattery\t/opt/y\\\\z\n'
  t.strictSame(commandsOf(text, { ...alice, dialect: 'macos' }), ['/opt/x', '/opt/y\\z'])
  t.match(commandsOf(text), [/^@Apple/, /^@Apple/], 'elsewhere it is')
})

t.test('the backslash of a backslash is Debian’s own', async (t) => {
  t.equal(shellCommand('a\\\\b', 'debian'), 'a\\b')
  t.equal(shellCommand('a\\\\b', 'cronie'), 'a\\\\b')
})

t.test('CRON_TZ counts from its line on, where cron heeds it', async (t) => {
  const text = '@daily a\nCRON_TZ="Asia/Tokyo"\n@daily b\n'
  const zones = (dialect: CronDialect) =>
    parseCrontab(text, { ...alice, dialect }).schedules.map(({ timing }) =>
      timing?.kind === 'calendar' ? timing.timeZone : 'none',
    )
  t.strictSame(zones('cronie'), [undefined, 'Asia/Tokyo'])
  t.strictSame(zones('debian'), [undefined, undefined])
})

t.test('names each line that is no job, and reads on', async (t) => {
  const text = '61 * * * * a\nnonsense\n* * * * *\n@daily %\n@often x\n@daily ok\n'
  const { schedules, malformed } = parseCrontab(text, alice)
  t.strictSame(
    malformed.map(({ line }) => line),
    [1, 2, 3, 4, 5],
  )
  t.match(malformed[0], { reason: /minute/ })
  t.equal(schedules.length, 1)
  t.match(parseCrontab('@daily root\n', system).malformed, [{ line: 1, reason: /user/ }])
})

t.test('an id does not hang on the line’s number, and two equal lines are two jobs', async (t) => {
  const ids = (text: string) => parseCrontab(text, alice).schedules.map(({ id }) => id)
  const [a, b, c] = ids('@daily a\n@daily a\n@daily b\n')
  t.strictSame(ids('# new\n\n@daily b\n@daily a\n'), [c, a])
  t.equal(new Set([a, b, c]).size, 3)
  t.not(parseCrontab('@daily a', { ...alice, user: 'bob' }).schedules[0]?.id, a)
})

t.test('gives the shell what Debian’s cron gave it', async (t) => {
  const folder = join(import.meta.dirname, '../../golden/linux/cron')
  const logged = (name: string): string[] =>
    JSON.parse(readFileSync(join(folder, `${name}.golden.json`), 'utf8')).map(
      (run: { command: string }) => run.command,
    )
  const ours = (name: string, user?: string) => {
    const owner = user === undefined ? {} : { user }
    const options = { file: name, dialect: 'debian', ...owner } as const
    return commandsOf(readFileSync(join(folder, name), 'utf8'), options)
  }
  const both = [...ours('debian-12.cron.d'), ...ours('debian-12.crontab', 'root')]
  t.strictSame(both, logged('debian-12-default'))
  t.strictSame(ours('debian-12-backslashes.cron.d'), logged('debian-12-backslashes'))
})

t.test('reads the crontabs of the recordings', { skip: withoutRecordings }, async (t) => {
  const files = recordings('linux-cron/ygh-centos6/etc/')
  t.ok(files.length >= 5)
  const read = files.map(({ path }) => parseCrontab(readFileSync(recording(path), 'utf8'), system))
  t.strictSame(
    Object.fromEntries(files.map(({ path }, i) => [basename(path), read[i]?.schedules.length])),
    { '0hourly': 1, 'raid-check': 1, sysstat: 2, 'cron.deny': 0, crontab: 0 },
  )
  t.ok(read.every(({ malformed }) => malformed.length === 0))
})

t.test('properties', async (t) => {
  const line = fc.string({ unit: fc.constantFrom(...'0*/, \t\n%\\@~=-amonCRTZ_"#') })
  holds(
    t,
    'never throws',
    fc.property(line, (text) => void parseCrontab(text, system)),
  )

  const word = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !/[\n\\]|^\s|^$/.test(text))
  const readsBack = fc.property(word, (command) => {
    t.strictSame(commandsOf(`* * * * * ${command.replaceAll('%', '\\%')}`), [command])
  })
  holds(t, 'reads back every command', readsBack)
})

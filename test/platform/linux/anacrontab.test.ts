import fc from 'fast-check'
import t from 'tap'
import { parseAnacrontab } from '../../../platform/linux/anacrontab.ts'
import { holds } from '../../support/holds.ts'

const options = { file: '/etc/anacrontab', modifiedMs: 7 }
const DAY_MS = 86_400_000

t.test('reads its jobs, and the random delay of those behind it', async (t) => {
  const text = [
    '# /etc/anacrontab',
    'SHELL=/bin/sh',
    '1\t5\tcron.first\t/opt/first',
    'RANDOM_DELAY=45',
    '7  25  cron.weekly  nice run-parts /etc/cron.weekly',
    '@monthly 45 cron.monthly run-parts /etc/cron.monthly',
    '@daily 0 own /opt/own --all',
  ].join('\n')
  const { schedules, malformed } = parseAnacrontab(text, options)
  t.strictSame(malformed, [])
  t.match(schedules, [
    {
      id: 'anacron:cron.first',
      scheduler: 'anacron',
      trigger: '1 5',
      command: '/opt/first',
      line: 3,
      modifiedMs: 7,
      timing: { kind: 'interval', everyMs: DAY_MS, since: 'start' },
    },
    { timing: { everyMs: 7 * DAY_MS, randomDelayMs: 45 * 60_000 } },
    { id: 'anacron:cron.monthly', trigger: '@monthly 45' },
    { command: '/opt/own --all', timing: { everyMs: DAY_MS } },
  ])
  t.notOk(schedules[0]?.timing && 'randomDelayMs' in schedules[0].timing)
  t.equal(schedules[2]?.timing, undefined, 'a calendar month has no certain day')
})

t.test('names the lines that are no job', async (t) => {
  const { schedules, malformed } = parseAnacrontab('1 5 name\n@often 5 a b\nx\n', options)
  t.strictSame(schedules, [])
  t.strictSame(
    malformed.map(({ line }) => line),
    [1, 2, 3],
  )
})

t.test('properties', async (t) => {
  const text = fc.string({ unit: fc.constantFrom(...'0179 \t\n@=daily#RANDOM_DELAY') })
  holds(
    t,
    'never throws',
    fc.property(text, (some) => void parseAnacrontab(some, options)),
  )
})

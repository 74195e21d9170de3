import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { parseJournalEntry } from '../../../platform/linux/journal.ts'
import { holds } from '../../support/holds.ts'
import { recording, withoutRecordings } from '../../support/recordings.ts'

const timerOf = (service: string) => (service === 'backup.service' ? 'backup.timer' : undefined)
const CRON = {
  __CURSOR: 's=1;i=2',
  __REALTIME_TIMESTAMP: '1615280818701817',
  SYSLOG_IDENTIFIER: 'CRON',
  _UID: '0',
  _PID: '777',
  MESSAGE: '(root) CMD (/opt/backup.sh)',
}
const UNIT = {
  __CURSOR: 's=1;i=3',
  __REALTIME_TIMESTAMP: '1615280818727169',
  SYSLOG_IDENTIFIER: 'systemd',
  _UID: '0',
  _PID: '1',
  MESSAGE_ID: '7d4958e842da4a758f6c1cdc7b36dcc5',
  MESSAGE: 'Starting Backup...',
  UNIT: 'backup.service',
  INVOCATION_ID: '639ae622',
}
const read = (entry: object) => parseJournalEntry(JSON.stringify(entry), timerOf)

t.test('reads a job that cron logged', async (t) => {
  t.strictSame(read(CRON), {
    ok: true,
    value: {
      cursor: 's=1;i=2',
      atMs: 1_615_280_818_701,
      run: {
        kind: 'schedule-run',
        atMs: 1_615_280_818_701,
        scheduler: 'cron',
        command: '/opt/backup.sh',
        user: { name: 'root' },
        process: { pid: 777 },
      },
    },
  })
})

t.test('reads a service that a timer started', async (t) => {
  const run = { kind: 'schedule-run', scheduler: 'systemd', scheduleId: 'backup.timer' }
  t.match(read(UNIT), { value: { run, invocation: '639ae622' } })
  t.match(read({ ...UNIT, MESSAGE_ID: '39f53479d3a045ac8e11786248231fbf' }), { value: { run } })
})

const runOf = (entry: object): unknown => {
  const result = read(entry)
  return result.ok ? result.value.run : result
}
const ignores: Record<string, object> = {
  'a service without a timer': { ...UNIT, UNIT: 'ssh.service' },
  'a unit’s start that another process tells of': { ...UNIT, _PID: '4711' },
  'a unit’s start that a user’s manager tells of': { ...UNIT, _UID: '1000' },
  'another message of systemd': { ...UNIT, MESSAGE_ID: 'de5b426a63be47a7b6ac3eaac82e2f6f' },
  'a job that an ordinary user’s process logged': { ...CRON, _UID: '1000' },
  'another program that speaks of a job': { ...CRON, SYSLOG_IDENTIFIER: 'sshd' },
  'an entry without a message': { ...CRON, MESSAGE: null },
}
for (const [name, entry] of Object.entries(ignores)) {
  t.test(`ignores ${name}`, async (t) => t.equal(runOf(entry), undefined))
}

t.test(
  'a message may come as bytes, a field more than once, and the writer’s own time',
  async (t) => {
    const bytes = [...Buffer.from('(root) CMD (/opt/\u00fc \xff)', 'utf8')]
    t.match(runOf({ ...CRON, MESSAGE: bytes }), { command: '/opt/\u00fc \xff' })
    t.match(runOf({ ...CRON, SYSLOG_IDENTIFIER: ['CRON', 'x'] }), { command: '/opt/backup.sh' })
    t.match(runOf({ ...CRON, _SOURCE_REALTIME_TIMESTAMP: '1615280818087625' }), {
      atMs: 1_615_280_818_087,
    })
  },
)

for (const line of [
  '',
  '{',
  '[]',
  'null',
  '{"__CURSOR":"x"}',
  '{"__CURSOR":"x","__REALTIME_TIMESTAMP":"z"}',
]) {
  t.test(`refuses ${JSON.stringify(line)}`, async (t) => {
    t.match(parseJournalEntry(line, timerOf), { ok: false, reason: /./ })
  })
}

t.test('reads every entry of a recorded journal', { skip: withoutRecordings }, async (t) => {
  const path = recording('linux-cron/aecid-journald/journal.ndjson')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  t.equal(lines.length, 887)
  const all = lines.map((line) => parseJournalEntry(line, (service) => `timer of ${service}`))
  t.ok(all.every(({ ok }) => ok))
  const runs = all.flatMap((entry) => (entry.ok && entry.value.run ? [entry.value] : []))
  t.ok(runs.some(({ run }) => run?.scheduleId === 'timer of cron.service'))
  t.notOk(
    runs.some(({ run }) => run?.scheduler === 'cron'),
    'its cron only started',
  )
})

t.test('properties', async (t) => {
  holds(
    t,
    'never throws',
    fc.property(fc.string(), (text) => void parseJournalEntry(text, timerOf)),
  )
  const value = fc.jsonValue({ maxDepth: 2 })
  const keys = fc.constantFrom(...Object.keys({ ...CRON, ...UNIT }))
  const mutated = fc.property(keys, value, (key, some) => void read({ ...CRON, [key]: some }))
  holds(t, 'never throws on a field of another kind', mutated)
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type CronRun, parseCronLine, parseCronMessage } from '../../../platform/linux/cron-log.ts'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import { holds } from '../../support/holds.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const nowMs = Date.parse('2026-11-24T19:00:00Z')
const context = { nowMs, timeZone: 'UTC', mayBeUndated: true }
const STAMP = 'Nov 24 18:00:01 host '
const atMs = Date.parse('2026-11-24T18:00:01Z')
const root = { name: 'root' }

const reads: Record<string, object> = {
  'CRON[123]: (root) CMD (/opt/backup.sh)': { command: '/opt/backup.sh', process: { pid: 123 } },
  'CRON[8385]: (root) CMD ([8387] echo (a) [b])': {
    command: 'echo (a) [b]',
    process: { pid: 8387 },
  },
  'CROND[9]: (root) CMD (tar -zcf /tmp/etc-$(date +)': { command: 'tar -zcf /tmp/etc-$(date +' },
  '/USR/SBIN/CRON[14215]: (root) CMD (   run-parts /etc/cron.hourly)': {
    command: '   run-parts /etc/cron.hourly',
  },
  'crond[250]: USER root pid  12 cmd run-parts /etc/periodic/15min': {
    command: 'run-parts /etc/periodic/15min',
    process: { pid: 12 },
  },
  'CRON[7]: message repeated 2 times: [ (root) CMD (x)]': { command: 'x', process: { pid: 7 } },
  'run-parts(/etc/cron.daily)[1272]: starting logrotate': { command: '/etc/cron.daily/logrotate' },
  "anacron[1234]: Job `cron.daily' started": {
    scheduler: 'anacron',
    scheduleId: 'anacron:cron.daily',
    process: { pid: 1234 },
  },
}
for (const [line, value] of Object.entries(reads)) {
  t.test(`reads ${line}`, async (t) => {
    const want = { kind: 'schedule-run', scheduler: 'cron', atMs, ...value }
    t.match(parseCronLine(STAMP + line, context), { ok: true, value: want })
  })
}

t.test('tells the user of a command', async (t) => {
  const run = parseCronLine(`${STAMP}CRON[1]: (www-data) CMD (x)`, context)
  t.match(run, { value: { user: { name: 'www-data' } } })
})

t.test('BusyBox writes to a file of its own without time or tag', async (t) => {
  const value = { atMs: nowMs, command: 'date', user: root, process: { pid: 12 } }
  for (const line of ['USER root pid  12 cmd date', 'crond: USER root pid  12 cmd date']) {
    t.match(parseCronLine(line, context), { ok: true, value })
    t.match(parseCronLine(line, { ...context, mayBeUndated: false }), { ok: false })
  }
})

const ignores = [
  'CRON[1]: pam_unix(cron:session): session opened for user root by (uid=0)',
  'CRON[1]: (root) END ([8387] echo)',
  'CROND[1]: (root) CMDEND (x)',
  'CROND[1]: (root) CMDOUT ((root) CMD (x))',
  'cron[1]: (CRON) INFO (pidfile fd = 3)',
  'crontab[1]: (root) CMD (x)',
  'sshd[1]: CRON[1]: (root) CMD (x)',
  'sshd[1]: Nov 24 18:00:01 host CRON[1]: (root) CMD (x)',
  'my CRON[1]: (root) CMD (x)',
  'run-parts(/etc/cron.daily)[1]: finished logrotate',
  "anacron[1]: Job `cron.daily' terminated",
  "Job `cron.daily' started",
]
for (const line of ignores) {
  t.test(`ignores ${line}`, async (t) => {
    t.strictSame(parseCronLine(STAMP + line, context), { ok: true, value: undefined })
  })
}

t.test('reads what Debian’s cron logged, with the pid that its shell had', async (t) => {
  const folder = join(import.meta.dirname, '../../golden/linux/cron')
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'))
  t.ok(names.length > 0)
  for (const name of names) {
    const [, ...lines] = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
    const runs = lines.map((line) => parseCronLine(line, context))
    const found = runs.flatMap((run) => (run.ok && run.value ? [run.value] : []))
    const golden = JSON.parse(
      readFileSync(join(folder, name.replace('.log', '.golden.json')), 'utf8'),
    )
    t.strictSame(
      found.map(({ command, process }) => ({ pid: process?.pid, command })),
      golden,
      name,
    )
  }
})

const bytesOf = (path: string): Buffer => readFileSync(recording(path))
const linesOf = (bytes: Buffer, sizes: readonly number[] = []): string[] => {
  const splitter = lineSplitter()
  const lines: string[] = []
  let from = 0
  for (const size of [...sizes, bytes.length]) {
    lines.push(...splitter.push(bytes.subarray(from, from + size)))
    from += size
  }
  const rest = splitter.flush()
  return rest === undefined ? lines : [...lines, rest]
}
const runsOf = (lines: readonly string[]): CronRun[] =>
  lines
    .map((line) => parseCronLine(line, context))
    .flatMap((run) => (run.ok && run.value ? [run.value] : []))

t.test('counts the commands of every recording', { skip: withoutRecordings }, async (t) => {
  const logs = recordings('linux-cron/').filter(({ path }) => !/\/etc\/|\.ndjson$|\.md$/.test(path))
  t.ok(logs.length >= 15, `${logs.length} logs`)
  for (const { path, counts } of logs) {
    const commands = runsOf(linesOf(bytesOf(path))).filter(({ user }) => user !== undefined)
    t.equal(commands.length, Number(/CMD=(\d+)/.exec(counts)?.[1] ?? 0), path)
  }
})

t.test(
  'wherever a recording is cut, its runs are the same',
  { skip: withoutRecordings },
  async (t) => {
    const bytes = bytesOf('linux-cron/ygh-centos6/cron-20161219').subarray(-20_000)
    const whole = runsOf(linesOf(bytes))
    t.ok(whole.length > 100)
    const sizes = fc.array(fc.nat(3000), { maxLength: 20 })
    const same = fc.property(sizes, (some) => t.strictSame(runsOf(linesOf(bytes, some)), whole))
    holds(t, 'any split', same, { numRuns: 20 })
  },
)

t.test('properties', async (t) => {
  const anyText = fc.string({ unit: 'binary' })
  holds(
    t,
    'never throws',
    fc.property(anyText, (text) => void parseCronLine(STAMP + text, context)),
  )

  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/^\[\d+\] /.test(text))
  const readsBack = fc.property(line, fc.nat(), (command, pid) => {
    const run = parseCronMessage({ tag: 'CRON', pid, message: `(root) CMD (${command})` }, atMs)
    t.match(run, { command, user: root, process: { pid } })
  })
  holds(t, 'reads back every command that cron can log', readsBack)
})

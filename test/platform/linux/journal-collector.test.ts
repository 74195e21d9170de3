import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Batch } from '../../../platform/collector.ts'
import { journalCollector } from '../../../platform/linux/journal-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const entry = (cursor: string, facts: object) =>
  JSON.stringify({ __CURSOR: cursor, __REALTIME_TIMESTAMP: '1615280818701817', ...facts })
const CRON = { SYSLOG_IDENTIFIER: 'CRON', _UID: '0', _PID: '7', MESSAGE: '(root) CMD (x)' }
const UNIT = {
  _UID: '0',
  _PID: '1',
  UNIT: 'backup.service',
  MESSAGE_ID: '39f53479d3a045ac8e11786248231fbf',
  INVOCATION_ID: 'a',
}
const timerOf = (service: string) => service.replace('.service', '.timer')

/** A shell script stands for journalctl: it writes its arguments down, and does as it is told. */
function start(t: Test, script: string, bookmark?: string) {
  const folder = t.testdir({ journalctl: `echo "$@" > ${'$'}(dirname "$0")/args\n${script}\n` })
  const path = join(folder, 'journalctl')
  const control = new AbortController()
  const clock = fakeClock(1000, 1)
  const collector = journalCollector({ clock, timerOf, command: ['/bin/sh', path] })
  return { collector, control, args: join(folder, 'args'), load: () => bookmark }
}

async function collect({ collector, control, load }: ReturnType<typeof start>, upTo: number) {
  const batches: Batch[] = []
  for await (const batch of collector.batches(control.signal, { load })) {
    batches.push(batch)
    if (batches.flatMap(({ events }) => events).length >= upTo) control.abort()
  }
  return batches
}

const printing = (lines: readonly string[], end = 'sleep 60') =>
  `cat << 'EOF'\n${lines.join('\n')}\nEOF\nexec ${end}`

t.test('tells jobs and services, each start once, with the cursor behind them', async (t) => {
  const lines = [
    entry('1', CRON),
    entry('2', UNIT),
    entry('3', UNIT),
    'nonsense',
    entry('4', { ...UNIT, INVOCATION_ID: 'b' }),
  ]
  const started = start(t, printing(lines))
  const batches = await collect(started, 4)
  const events = batches.flatMap(({ events }) => events)
  t.match(
    events.filter(({ kind }) => kind === 'schedule-run'),
    [
      { dataset: 'linux.journal', scheduler: 'cron', command: 'x', process: { pid: 7 } },
      { scheduler: 'systemd', scheduleId: 'backup.timer' },
      { scheduler: 'systemd', scheduleId: 'backup.timer' },
    ],
  )
  t.match(
    events.find(({ kind }) => kind === 'loss'),
    { reason: 'malformed', count: 1 },
  )
  t.equal(batches.at(-1)?.bookmark, '4')
  const { received, emitted, ignored, malformed } = started.collector.counters
  t.strictSame([received, emitted, ignored, malformed], [5, 3, 1, 1])
})

t.test('asks from now on at first, then from the cursor', async (t) => {
  const { readFile } = await import('node:fs/promises')
  const first = start(t, printing([entry('1', CRON)]))
  await collect(first, 1)
  t.match(
    await readFile(first.args, 'utf8'),
    /--follow --lines=0 SYSLOG_IDENTIFIER=CRON .* \+ _PID=1 MESSAGE_ID=/,
  )
  const second = start(t, printing([entry('2', CRON)]), 's=1;i=2')
  await collect(second, 1)
  t.match(await readFile(second.args, 'utf8'), /--after-cursor=s=1;i=2 --no-tail /)
})

t.test('a journalctl that ends is a lost source, in its own words', async (t) => {
  const started = start(t, 'echo "Failed to seek to cursor: Invalid argument" >&2; exit 1')
  const lost = {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: /Failed to seek to cursor/,
    remedy: /journal/,
  }
  await t.rejects(collect(started, 1), lost)
  await t.rejects(collect(start(t, 'exit 3'), 1), { message: /ended with 3/ })
})

t.test('a host without journalctl is told so', async (t) => {
  const command = ['/nonexistent/journalctl'] as const
  const collector = journalCollector({ clock: fakeClock(0, 1), timerOf, command })
  const batches = collector.batches(new AbortController().signal, { load: () => undefined })
  await t.rejects(Array.fromAsync(batches), { message: /no such program/, remedy: /install/ })
})

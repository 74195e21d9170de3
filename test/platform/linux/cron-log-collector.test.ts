import { appendFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Batch } from '../../../platform/collector.ts'
import { cronLogCollector } from '../../../platform/linux/cron-log-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const START_MS = Date.parse('2026-11-24T18:00:05Z')
const line = (pid: number, command: string) =>
  `Nov 24 18:00:01 host CRON[${pid}]: (root) CMD (${command})\n`

function start(paths: string[], bookmark?: string) {
  const clock = fakeClock(START_MS, 50)
  const collector = cronLogCollector({ clock, pollMs: 1000, paths, timeZone: 'UTC' })
  const batches = collector
    .batches(new AbortController().signal, { load: () => bookmark })
    [Symbol.asyncIterator]()
  const next = async (): Promise<Batch> => (await batches.next()).value
  return { collector, next, close: () => batches.return?.() }
}

t.test('follows the first log that exists, from now on', async (t) => {
  const folder = t.testdir({ 'cron.log': line(1, 'old') })
  const path = join(folder, 'cron.log')
  const { collector, next, close } = start([join(folder, 'none'), path, join(folder, 'syslog')])
  t.strictSame((await next()).events, [])
  appendFileSync(
    path,
    `${line(2, '/opt/backup.sh')}Nov 24 18:00:01 host cron[9]: (CRON) INFO (x)\nbad\n`,
  )
  t.match((await next()).events, [
    {
      kind: 'schedule-run',
      dataset: 'linux.cron_log',
      scheduler: 'cron',
      atMs: Date.parse('2026-11-24T18:00:01Z'),
      command: '/opt/backup.sh',
      user: { name: 'root' },
      process: { pid: 2 },
    },
    { kind: 'loss', reason: 'malformed', count: 1 },
  ])
  const { received, emitted, ignored, malformed } = collector.counters
  t.strictSame([received, emitted, ignored, malformed], [3, 1, 1, 1])
  await close()
})

t.test('lines of other forms in a log of the whole system are no loss', async (t) => {
  const path = join(t.testdir({ syslog: '' }), 'syslog')
  const { collector, next, close } = start([path])
  await next()
  appendFileSync(path, `\tcontinued\nUSER root pid 1 cmd forged\n${line(3, 'x')}`)
  t.match((await next()).events, [{ kind: 'schedule-run', command: 'x' }])
  t.equal(collector.counters.malformed, 2)
  await close()
})

t.test('goes on after a restart where it was left, through a rotation', async (t) => {
  const path = join(t.testdir({ 'cron.log': '' }), 'cron.log')
  const first = start([path])
  const { bookmark } = await first.next()
  await first.close()
  appendFileSync(path, line(4, 'before'))
  utimesSync(path, 1000, 1000)
  renameSync(path, `${path}.1`)
  writeFileSync(path, line(5, 'after'))
  const again = start([path], bookmark)
  const events = [...(await again.next()).events, ...(await again.next()).events]
  t.match(events, [{ command: 'before' }, { command: 'after' }])
  await again.close()
})

t.test('a bookmark of another log is none', async (t) => {
  const path = join(t.testdir({ 'cron.log': line(6, 'old') }), 'cron.log')
  for (const bookmark of ['nonsense', '["/other","1:0",5]', '[1]']) {
    const { next, close } = start([path], bookmark)
    t.strictSame((await next()).events, [])
    await close()
  }
})

t.test('what was cut off is a loss, with its span', async (t) => {
  const path = join(t.testdir({ 'cron.log': line(7, 'x') }), 'cron.log')
  const { next, close } = start([path])
  await next()
  truncateSync(path)
  t.match((await next()).events, [{ kind: 'loss', reason: 'sequence-gap', fromMs: START_MS }])
  await close()
})

t.test('no log is a lost source, with a remedy', async (t) => {
  const { next } = start(['/nonexistent/cron.log'])
  await t.rejects(next(), { code: 'ERR_SOURCE_UNAVAILABLE', remedy: /journal/ })
})

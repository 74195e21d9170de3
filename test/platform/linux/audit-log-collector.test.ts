import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Clock } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { auditLogCollector } from '../../../platform/linux/audit-log-collector.ts'
import { connectLines, daemonLine, execLines } from '../../support/audit-lines.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const NOW_MS = 1_800_000_000_000
const text = (...lines: readonly (readonly string[])[]): string => `${lines.flat().join('\n')}\n`
const at = (seconds: number, serial: number): string[] =>
  connectLines(NOW_MS + seconds * 1_000, serial)

async function collect(folder: string, bookmark?: string, clock: Clock = fakeClock(NOW_MS, 2)) {
  const collector = auditLogCollector({ clock, logPath: join(folder, 'audit.log') })
  const batches = collector.batches(new AbortController().signal, { load: () => bookmark })
  const events: Event[] = []
  let last: string | undefined
  for await (const batch of batches) {
    events.push(...batch.events)
    last = batch.bookmark ?? last
  }
  const serials = events.map((event) =>
    event.kind === 'loss' ? event.reason : event.atMs - NOW_MS,
  )
  return { events, bookmark: last, seconds: serials, counters: collector.counters }
}

t.test('without a bookmark it begins at the end of the log', async (t) => {
  const folder = t.testdir({ 'audit.log': text(at(-9, 1)) })
  const { events, bookmark } = await collect(folder)
  t.strictSame(events, [])
  t.equal(bookmark, `${NOW_MS}:0`, 'so that a start right after a kill knows where to look')
})

t.test('what is written is told, and the bookmark follows', async (t) => {
  const folder = t.testdir({ 'audit.log': '' })
  const clock: Clock = {
    now: () => NOW_MS,
    async *ticks() {
      yield NOW_MS
      appendFileSync(join(folder, 'audit.log'), text(at(0, 1), at(0, 2)))
      yield NOW_MS
    },
  }
  const { events, bookmark, counters } = await collect(folder, undefined, clock)
  t.match(events, [{ kind: 'connection', destination: { ip: '192.0.2.7', port: 53 } }, {}])
  t.equal(bookmark, `${NOW_MS}:2`)
  t.match(counters, { received: 6, emitted: 6, missed: 0 })
})

t.test('a bookmark is found again in older files, and nothing is doubled', async (t) => {
  const folder = t.testdir({
    'audit.log.3': text(at(-90, 1)),
    'audit.log.2': text(at(-60, 2), execLines(NOW_MS - 59_000, 3), at(-58, 4)),
    'audit.log.1': text([daemonLine('DAEMON_ROTATE', NOW_MS - 50_000)], at(-50, 5), at(-49, 6)),
    'audit.log': text([daemonLine('DAEMON_ROTATE', NOW_MS - 40_000)], at(-40, 7)),
  })
  const { seconds, bookmark } = await collect(folder, `${NOW_MS - 50_000}:5`)
  t.strictSame(seconds, [-59_000, -49_000, -40_000], 'the program before it, too')
  t.equal(bookmark, `${NOW_MS - 40_000}:7`)
})

t.test('where the log does not reach back to the bookmark, that span is blind', async (t) => {
  const folder = t.testdir({ 'audit.log': text(at(-40, 7)) })
  const { events } = await collect(folder, `${NOW_MS - 50_000}:5`)
  t.match(events[0], { kind: 'loss', reason: 'restart', fromMs: NOW_MS - 50_000 })
  t.match(events.slice(1), [{ kind: 'connection' }, { reason: 'sequence-gap', count: 1 }])
})

t.test('a log that was rotated right at the bookmark has lost nothing', async (t) => {
  const folder = t.testdir({ 'audit.log': text(at(-40, 6)) })
  t.strictSame((await collect(folder, `${NOW_MS - 50_000}:5`)).seconds, [-40_000])
})

t.test('follows the log through a rotation', async (t) => {
  const folder = t.testdir({ 'audit.log': text(at(-40, 6)) })
  const path = join(folder, 'audit.log')
  const clock: Clock = {
    now: () => NOW_MS,
    async *ticks() {
      yield NOW_MS
      appendFileSync(path, text(at(-30, 7)))
      renameSync(path, `${path}.1`)
      writeFileSync(path, text(at(-20, 8)))
      yield NOW_MS
      yield NOW_MS
    },
  }
  const { seconds } = await collect(folder, `${NOW_MS - 50_000}:5`, clock)
  t.strictSame(seconds, [-40_000, -30_000, -20_000])
})

t.test('a missing log is a lost source, not an empty one', async (t) => {
  await t.rejects(collect(t.testdir({})), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: /audit\.log: /,
  })
})

t.test('says that the socket is the better way, and how to get it', async (t) => {
  const collector = auditLogCollector({ clock: fakeClock(NOW_MS, 1) })
  t.match(collector.degraded?.(), /active = yes.*af_unix\.conf/)
})

t.test(
  'it is behind while the log grows faster than it is read, and not while it catches up',
  async (t) => {
    const folder = t.testdir({ 'audit.log': '' })
    const path = join(folder, 'audit.log')
    const flood = (firstSerial: number, atMs: number): string =>
      text(...Array.from({ length: 2_000 }, (_, i) => connectLines(atMs, firstSerial + i)))
    const clock: Clock = {
      now: () => NOW_MS,
      async *ticks() {
        yield NOW_MS
        appendFileSync(path, flood(5_000, NOW_MS - 7_000))
        yield NOW_MS
      },
    }
    const ages = async (bookmark: string): Promise<number[]> => {
      const collector = auditLogCollector({ clock, logPath: path })
      const found: number[] = []
      const { signal } = new AbortController()
      for await (const _ of collector.batches(signal, { load: () => bookmark }))
        found.push(collector.behindMs?.() ?? -1)
      return found
    }
    const live = await ages(`${NOW_MS - 60_000}:1`)
    t.ok(live.includes(7_000), `behind by ${live.join()}`)
    t.equal(live.at(-1), 0, 'and no longer at the end')
    writeFileSync(path, flood(1, NOW_MS - 9_000))
    const later = await ages(`${NOW_MS - 60_000}:0`)
    t.notOk(later.includes(9_000), 'what was written before it started is no lag')
  },
)

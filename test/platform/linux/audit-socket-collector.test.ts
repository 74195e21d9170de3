import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Clock } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { auditSocketCollector } from '../../../platform/linux/audit-socket-collector.ts'
import { connectLines, execLines } from '../../support/audit-lines.ts'

const NOW_MS = 1_800_000_000_000
const text = (...lines: readonly (readonly string[])[]): string => `${lines.flat().join('\n')}\n`
const at = (seconds: number, serial: number): string[] =>
  connectLines(NOW_MS + seconds * 1_000, serial)

/** Ticks as fast as the sockets and files of the test get their turn. */
const clock: Clock = {
  now: () => NOW_MS,
  async *ticks(_everyMs, signal) {
    for (; !signal.aborted; await turn()) yield NOW_MS
  },
}

interface Scene {
  /** What auditd sends to whoever connects, before it goes. */
  readonly socket: string
  readonly log?: string
  readonly bookmark?: string
  readonly clock?: Clock
}

/** Runs until auditd has closed the socket, as it always does here. */
async function collect(t: Test, { socket, log, bookmark, clock: ownClock = clock }: Scene) {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [path, logPath] = [join(folder, 'events'), join(folder, 'audit.log')]
  if (log !== undefined) writeFileSync(logPath, log)
  const server = createServer((client) => {
    const half = Math.floor(socket.length / 2)
    client.write(socket.slice(0, half))
    client.end(socket.slice(half))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.teardown(() => server.close())
  const collector = auditSocketCollector({
    clock: ownClock,
    socketPaths: [path],
    logPath,
    gatherMs: 0,
  })
  const events: Event[] = []
  const bookmarks: (string | undefined)[] = []
  const gone = (async () => {
    const signal = new AbortController().signal
    for await (const batch of collector.batches(signal, { load: () => bookmark })) {
      events.push(...batch.events)
      bookmarks.push(batch.bookmark)
    }
  })()
  await t.rejects(gone, {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: `${path}: auditd closed the socket`,
    remedy: /auditd/,
  })
  const seconds = events.map((event) =>
    event.kind === 'loss' ? event.reason : (event.atMs - NOW_MS) / 1_000,
  )
  const { received, emitted, ignored, malformed, lost } = collector.counters
  t.equal(emitted + ignored + malformed + lost, received, 'the books agree')
  return { events, seconds, bookmarks, counters: collector.counters }
}

t.test('tells what comes, and where it stands', async (t) => {
  const { events, bookmarks } = await collect(t, { socket: text(at(1, 5), execLines(NOW_MS, 6)) })
  t.match(events, [
    { kind: 'connection', destination: { ip: '192.0.2.7', port: 53 }, process: { pid: 8 } },
    { kind: 'process-start', process: { pid: 9, args: ['nc'] } },
  ])
  t.equal(
    bookmarks[0],
    `${NOW_MS}:0`,
    'at once, so that a kill right after the start loses nothing',
  )
  t.equal(bookmarks.at(-1), `${NOW_MS + 1_000}:5`, 'the furthest')
})

t.test('catches up from the log and goes on from the socket, without gap or double', async (t) => {
  // The socket was opened in the midst of event 5; the log has all up to 6.
  const { seconds, counters } = await collect(t, {
    bookmark: `${NOW_MS - 8_000}:2`,
    log: text(at(-9, 1), at(-8, 2), at(-7, 3), at(-6, 4), at(-5, 5), at(-4, 6)),
    socket: text(at(-5, 5).slice(2), at(-4, 6), at(-3, 7), at(-2, 8)),
  })
  t.strictSame(seconds, [-7, -6, -5, -4, -3, -2])
  t.match(counters, { lost: 0, missed: 0 })
})

t.test('an event that the log has only in part comes whole from the socket', async (t) => {
  const { seconds, counters } = await collect(t, {
    bookmark: `${NOW_MS - 8_000}:2`,
    log: text(at(-8, 2), at(-7, 3), at(-6, 4), at(-1, 90).slice(0, 1)),
    socket: text(at(-6, 4), at(-1, 90)),
  })
  t.strictSame(seconds, [-7, -6, -1])
  t.match(counters, { lost: 0 })
})

t.test('programs from before the bookmark are learnt again, connections are not', async (t) => {
  const { events } = await collect(t, {
    bookmark: `${NOW_MS - 8_000}:3`,
    log: text(execLines(NOW_MS - 20_000, 1), at(-10, 2), at(-8, 3), at(-7, 4)),
    socket: text(at(-7, 4)),
  })
  t.match(events, [{ kind: 'process-start' }, { kind: 'connection', atMs: NOW_MS - 7_000 }])
  t.equal(events.length, 2)
})

t.test('without a log the span since the bookmark is blind', async (t) => {
  const { events } = await collect(t, { bookmark: `${NOW_MS - 8_000}:3`, socket: text(at(-1, 4)) })
  t.match(events, [
    { kind: 'loss', reason: 'restart', fromMs: NOW_MS - 8_000, atMs: NOW_MS },
    { kind: 'connection' },
  ])
})

t.test('a log that stands still is not waited for, and the span is blind', async (t) => {
  let nowMs = NOW_MS
  const passing: Clock = { ...clock, now: () => (nowMs += 10) }
  const { events } = await collect(t, {
    clock: passing,
    bookmark: `${NOW_MS - 8_000}:3`,
    log: text(at(-8, 3)),
    socket: text(at(-1, 4)),
  })
  t.match(events, [
    { kind: 'loss', reason: 'restart', fromMs: NOW_MS - 8_000 },
    { kind: 'connection', atMs: NOW_MS - 1_000 },
  ])
})

t.test('no socket is a lost source, with the remedy', async (t) => {
  const collector = auditSocketCollector({ clock, socketPaths: ['/nonexistent/events'] })
  const batches = collector.batches(new AbortController().signal, { load: () => undefined })
  await t.rejects(batches[Symbol.asyncIterator]().next(), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    remedy: /active = yes/,
  })
})

t.test('ten minutes without a program or a connection are a host without rules', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'events')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.teardown(() => server.close())
  let nowMs = NOW_MS
  const collector = auditSocketCollector({
    clock: { ...clock, now: () => nowMs },
    socketPaths: [path],
  })
  t.equal(collector.degraded?.(), undefined)
  const batches = collector.batches(new AbortController().signal, { load: () => undefined })
  const iterator = batches[Symbol.asyncIterator]()
  await iterator.next()
  t.equal(collector.degraded?.(), undefined)
  nowMs += 10 * 60_000 + 1
  t.match(collector.degraded?.(), /augenrules --load/)
  await iterator.return?.()
})

t.test('what waits for too long is left out unread, but for the newest, and missed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'events')
  const clients: Socket[] = []
  const server = createServer((client) => void clients.push(client))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  let nowMs = NOW_MS
  const maxLagMs = 5_000
  const collector = auditSocketCollector({
    clock: { ...clock, now: () => nowMs },
    ...{ socketPaths: [path], logPath: '/nonexistent', gatherMs: 0, maxLagMs: () => maxLagMs },
  })
  const stop = new AbortController()
  const batches = collector.batches(stop.signal, { load: () => undefined })[Symbol.asyncIterator]()
  await batches.next()
  await batches.next()
  const ages: number[] = []
  const losses: Event[] = []
  const note = (events: readonly Event[]): void => {
    for (const event of events) {
      if (event.kind === 'loss') losses.push(event)
      else ages.push(nowMs - event.atMs)
    }
  }

  // Ten times what one batch reads, a tenth of it each second, and no one reads.
  const COUNT = 30_000
  clients[0]?.write(`${connectLines(nowMs, 1).join('\n')}\n`)
  note((await batches.next()).value?.events ?? [])
  for (let serial = 2; serial <= COUNT; serial++) {
    clients[0]?.write(`${connectLines(nowMs, serial).join('\n')}\n`)
    if (serial % (COUNT / 10) !== 0) continue
    for (let i = 0; i < 20; i++) await turn()
    nowMs += 1_000
  }
  t.ok((collector.behindMs?.() ?? 0) > maxLagMs, 'it is behind')
  let told = 0
  while (told < COUNT / 10 || (collector.behindMs?.() ?? 0) > 0) {
    const { value } = await batches.next()
    told += value?.events.length ?? 0
    note(value?.events ?? [])
  }
  t.ok(Math.max(...ages) <= maxLagMs, `the oldest told is ${Math.max(...ages)} ms old`)
  // One more, so that the hole in the numbers is old enough to be believed.
  nowMs += 60_000
  clients[0]?.write(`${connectLines(nowMs, COUNT + 1).join('\n')}\n`)
  while (losses.length === 0) note((await batches.next()).value?.events ?? [])
  const { emitted, missed, received, ignored, malformed, lost } = collector.counters
  t.match(losses, [{ reason: 'sequence-gap', count: missed }])
  t.ok(missed > COUNT / 4 && missed + emitted / 3 >= COUNT, 'each is told or missed')
  t.ok(emitted + ignored + malformed + lost <= received)
  t.match(
    collector.degraded?.(),
    /more came than could be read in 5 s: \d+ records left out unread/,
  )
  stop.abort()
  for (const client of clients) client.destroy()
  server.close()
})

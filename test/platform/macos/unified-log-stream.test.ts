import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { zeroCounters } from '../../../platform/collector.ts'
import { type LogLookups, unifiedLogStream } from '../../../platform/macos/unified-log-stream.ts'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import { holds } from '../../support/holds.ts'
import {
  beginLine,
  logLine,
  spawnLine,
  taskLine,
  tcpLine,
  upLine,
} from '../../support/log-lines.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const DATASET = 'macos.unified_log'

function reader(lookups?: LogLookups) {
  const counters = zeroCounters()
  return { counters, ...unifiedLogStream(DATASET, counters, lookups) }
}
const eventsOf = (...lines: readonly string[]) => reader().push(lines, 0)
const mask = { ip: 'masked:Hostname#38445e48', port: 443 }

t.test('a masked connection and the bytes of its tasks, summed', async (t) => {
  const events = eventsOf(
    beginLine(9, 'Hostname#38445e48:443'),
    upLine('9.1', 'IPv6#b359ef86.443'),
    taskLine(9, 100, 1000),
    taskLine(9, 20, 300),
  )
  const source = { ip: 'masked:C9.500', port: 0 }
  const each = { kind: 'connection', dataset: DATASET, source, destination: mask }
  t.match(events, [
    { ...each, phase: 'start', process: { pid: 500, user: { id: '501' } } },
    { ...each, phase: 'progress', sentBytes: 100, receivedBytes: 1000 },
    { ...each, phase: 'progress', sentBytes: 120, receivedBytes: 1300 },
  ])
  t.equal(events.length, 3)
})

t.test('a name in clear is resolved by where its connection went', async (t) => {
  const events = eventsOf(
    beginLine(9, 'Files.example.com:443'),
    upLine('9.1', '203.0.113.9:443'),
    upLine('9.2', '203.0.113.10:443'),
    taskLine(9, 5, 6),
  )
  const destination = { ip: '203.0.113.9', port: 443 }
  t.match(events, [
    { kind: 'name-resolved', domain: 'files.example.com', addresses: ['203.0.113.9'] },
    { kind: 'connection', phase: 'start', destination },
    { kind: 'connection', phase: 'progress', destination, sentBytes: 5 },
  ])
  t.equal(events.length, 3, 'the second path is of the same connection')
})

t.test('numbers of connections belong to their process', async (t) => {
  const other = { pid: 501 }
  t.strictSame(eventsOf(beginLine(9, 'Hostname#38445e48:443', other), taskLine(9, 1, 1)), [])
})

t.test('a task of a connection that was not seen to begin is not guessed at', async (t) => {
  t.strictSame(eventsOf(taskLine(4, 41, 1_014_397), upLine('4', '1.2.3.4:443')), [])
})

t.test('a socket of the kernel: where to by port, who, and its bytes at the end', async (t) => {
  const events = eventsOf(
    tcpLine('outgoing', { time: '2025-06-24 14:32:34.000000+0000' }),
    tcpLine('summary', { time: '2025-06-24 14:32:39.000000+0000', bytes: '1200/98765' }),
  )
  const startMs = Date.UTC(2025, 5, 24, 14, 32, 34)
  t.strictSame(events, [
    {
      kind: 'connection',
      phase: 'end',
      atMs: startMs + 5000,
      dataset: DATASET,
      transport: 'tcp',
      source: { ip: 'masked:IPv4', port: 61_500 },
      destination: { ip: 'masked:IPv4', port: 443 },
      process: { pid: 500, name: 'curl' },
      startMs,
      sentBytes: 98_765,
      receivedBytes: 1200,
    },
  ])
})

t.test('a socket that lsof knows is told in clear', async (t) => {
  const ends = {
    source: { ip: '10.0.0.5', port: 61_500 },
    destination: { ip: '203.0.113.9', port: 443 },
  }
  const socketOf = (local: number, remote: number) =>
    local === 61_500 && remote === 443 ? ends : undefined
  const lines = [tcpLine('outgoing'), tcpLine('summary', { bytes: '1/2' })]
  t.match(reader({ socketOf }).push(lines, 0), [{ phase: 'end', ...ends, sentBytes: 2 }])
})

t.test('a connection that is up is told to who may know its address', async (t) => {
  const told: object[] = []
  const { push } = reader({ begun: (connection) => told.push(connection) })
  const lines = [beginLine(9, 'Hostname#38445e48:443'), upLine('9.1', 'IPv4#03906bbc:443')]
  push([...lines, upLine('9.2', 'IPv4#03906bbc:443')], 0)
  t.match(told, [{ pid: 500, source: { ip: 'masked:C9.500', port: 0 }, destination: mask }])
  t.equal(told.length, 1)
})

t.test('a socket ends once', async (t) => {
  t.equal(eventsOf(tcpLine('outgoing'), tcpLine('summary'), tcpLine('summary')).length, 1)
})

t.test('a socket that was not seen going out may be an inbound one', async (t) => {
  t.strictSame(eventsOf(tcpLine('summary', { bytes: '1/1' })), [])
})

t.test('a connection that both tell of is told once', async (t) => {
  const socket = { process: 'X:500' }
  const events = eventsOf(
    beginLine(9, 'Hostname#38445e48:443'),
    tcpLine('outgoing', socket),
    upLine('9', 'IPv4#03906bbc:443'),
    tcpLine('summary', socket),
  )
  t.match(events, [{ phase: 'start', destination: mask }])
  t.equal(events.length, 1)
  const otherPort = { ...socket, ends: '1.1.1.1:5<->2.2.2.2:8443' }
  const other = [tcpLine('outgoing', otherPort), tcpLine('summary', otherPort)]
  t.equal(eventsOf(beginLine(9, 'Hostname#38445e48:443'), ...other).length, 1)
})

t.test('a run of a job, of known jobs only where they are known', async (t) => {
  const run = {
    kind: 'schedule-run',
    scheduler: 'launchd',
    scheduleId: 'com.x.backup',
    command: 'backup',
    process: { pid: 77 },
    dataset: DATASET,
  }
  t.match(eventsOf(spawnLine('com.x.backup', 77)), [run])
  const { push, counters } = reader({ isJob: (label) => label === 'com.x.backup' })
  t.match(push([spawnLine('com.apple.x', 5), spawnLine('com.x.backup', 77)], 0), [run])
  t.match(counters, { received: 2, emitted: 1, ignored: 1 })
})

t.test('losses: what the log dropped, and what cannot be read', async (t) => {
  const { push, counters } = reader()
  const lost = `{"eventType":"lossEvent","timestamp":"2025-06-24 14:32:34+0000","lossCount":4}`
  t.match(push(['Filtering the log data using "x"', lost, 'default\tx'], 900), [
    { kind: 'loss', reason: 'overrun', count: 4 },
    { kind: 'loss', reason: 'malformed', count: 1, atMs: 900 },
  ])
  t.match(counters, { received: 3, emitted: 1, ignored: 1, malformed: 1, missed: 4 })
})

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  for (const { path } of recordings('macos-unifiedlog/')) {
    t.test(path, async (t) => {
      const { push, counters } = reader()
      const lines = readFileSync(recording(path), 'utf8').trimEnd().split('\n')
      push(lines, 0)
      const { received, emitted, ignored, malformed } = counters
      t.equal(received, lines.filter((line) => line !== '').length)
      t.equal(emitted + ignored + malformed, received, 'the books agree')
      t.equal(malformed, path.endsWith('.ndjson') ? 0 : received, 'text is told as malformed')
    })
  }
})

t.test('properties', async (t) => {
  const lines = [
    'Filtering the log data using "x"',
    spawnLine('com.x', 7),
    beginLine(9, 'Hostname#38445e48:443'),
    upLine('9.1', 'IPv4#03906bbc:443'),
    logLine({ message: 'é\u2028…' }),
    taskLine(9, 3, 4),
    tcpLine('outgoing', { process: 'é:9' }),
    tcpLine('summary', { process: 'é:9' }),
  ]
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  const whole = eventsOf(...lines)
  t.equal(whole.length, 4)
  const split = fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
    const { push } = reader()
    const splitter = lineSplitter()
    const ends = [...cuts.sort((a, b) => a - b), bytes.length]
    const events = ends.flatMap((end, i) =>
      push(splitter.push(bytes.subarray(ends[i - 1] ?? 0, end)), 0),
    )
    t.strictSame(events, whole)
  })
  holds(t, 'any split of the bytes gives the same events', split, { numRuns: 50 })
  const mixed = fc.array(fc.oneof(fc.string(), fc.constantFrom(...lines)), { maxLength: 30 })
  const total = fc.property(mixed, (some) => {
    const { push, counters } = reader()
    push(some, 0)
    return counters.received === counters.emitted + counters.ignored + counters.malformed
  })
  holds(t, 'never throws, and the books agree', total)
})

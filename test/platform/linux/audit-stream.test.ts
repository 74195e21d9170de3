import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { type CollectorCounters, zeroCounters } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { parseStamp } from '../../../platform/linux/audit-stamp.ts'
import { type AuditStreamOptions, auditStream } from '../../../platform/linux/audit-stream.ts'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import { connectLines, daemonLine, execLines } from '../../support/audit-lines.ts'
import { holds } from '../../support/holds.ts'

const GOLDEN = join(import.meta.dirname, '../../golden/linux/audit/debian-12-auditd-3.0.9')
const dispatcher = readFileSync(`${GOLDEN}-dispatcher.log`)
const linesOf = (file: Buffer): string[] => file.toString().trimEnd().split('\n')
const lines = linesOf(dispatcher)

interface Outcome {
  readonly events: Event[]
  readonly counters: CollectorCounters
  readonly bookmark: string | undefined
}

function read(
  batches: readonly (readonly string[])[],
  more: Partial<AuditStreamOptions> = {},
): Outcome {
  const counters = zeroCounters()
  const stream = auditStream({ counters, ...more })
  const events: Event[] = []
  for (const batch of batches) {
    events.push(...stream.push(batch))
    t.equal(booked(counters) + stream.pending, counters.received, 'the books agree at any time')
  }
  events.push(...stream.end())
  t.equal(booked(counters), counters.received, 'nothing is left')
  return { events, counters, bookmark: stream.bookmark }
}

const booked = ({ emitted, ignored, malformed, lost }: CollectorCounters): number =>
  emitted + ignored + malformed + lost

/** The same run of a character, again and again, as its length: what a person can read. */
const readable = (events: readonly Event[]): unknown =>
  JSON.parse(
    JSON.stringify(events).replaceAll(/(.)\1{99,}/gu, (run, c) => `${c}×${[...run].length}`),
  )

t.test('golden: the socket and the log tell the same events', async (t) => {
  const golden = `${GOLDEN}.events.json`
  const { events, counters } = read([lines])
  if (process.env['TIDEWATCH_WRITE_GOLDEN']) {
    writeFileSync(golden, `${JSON.stringify(readable(events), null, 2)}\n`)
  }
  t.strictSame(readable(events), JSON.parse(readFileSync(golden, 'utf8')))
  t.match(counters, { received: lines.length, malformed: 0, lost: 0, missed: 0 })
  const log = read([linesOf(readFileSync(`${GOLDEN}-log.log`))])
  t.strictSame(log.events, events)
})

t.test('the own process is not reported', async (t) => {
  const { events, counters } = read([connectLines(5_000, 1, 77)], { ownPid: 77 })
  t.strictSame(events, [])
  t.match(counters, { received: 3, ignored: 3 })
})

t.test('a hole in the numbering is a loss with its span', async (t) => {
  const { events, counters } = read([[...connectLines(5_000, 1), ...connectLines(6_000, 5)]])
  const loss = { kind: 'loss', reason: 'sequence-gap', count: 3, fromMs: 5_000, atMs: 6_000 }
  t.match(events.at(-1), loss)
  t.equal(counters.missed, 3)
})

t.test('an event whose address never came is lost, and said to be', async (t) => {
  const [syscall = ''] = connectLines(5_000, 1)
  const { events, counters } = read([[syscall], connectLines(9_000, 2)])
  t.match(events, [{ kind: 'loss', reason: 'overrun', count: 1 }, { kind: 'connection' }])
  t.match(counters, { emitted: 3, lost: 1 })
})

t.test('a line that is no record is malformed, and said to be', async (t) => {
  const { events, counters } = read([['nonsense', ...connectLines(5_000, 1), '']])
  t.match(events, [{ kind: 'connection' }, { kind: 'loss', reason: 'malformed', count: 1 }])
  t.match(counters, { received: 4, malformed: 1 })
})

t.test('between the end and the start of auditd nothing was seen', async (t) => {
  const down = [daemonLine('DAEMON_END', 6_000), daemonLine('DAEMON_START', 9_000)]
  const { events, counters } = read([
    [...connectLines(5_000, 1), ...down, ...connectLines(9_500, 2)],
  ])
  t.match(events[1], { kind: 'loss', reason: 'unavailable', fromMs: 6_000, atMs: 9_000 })
  t.equal(counters.missed, 0, 'auditd numbers its own records by itself')
})

t.test('the bookmark has nothing incomplete behind it', async (t) => {
  const stream = auditStream({ counters: zeroCounters() })
  const [syscall = '', ...rest] = connectLines(5_000, 1)
  t.strictSame(stream.push([syscall, ...connectLines(5_000, 2)]), [])
  t.equal(stream.bookmark, undefined)
  t.equal(stream.push(rest).length, 2)
  t.equal(stream.bookmark, '5000:2')
})

t.test('behind a bookmark everything is new; before it only programs are learnt', async (t) => {
  const records = [
    execLines(1_000, 1),
    connectLines(200_000, 2),
    execLines(200_001, 3),
    connectLines(200_002, 4),
  ]
  const after = parseStamp('200001:3')
  const { events, counters } = read(records, after && { after })
  t.match(events, [
    { kind: 'process-start', atMs: 200_001 },
    { kind: 'connection', atMs: 200_002 },
  ])
  t.equal(events.length, 2)
  t.match(counters, { received: 12, emitted: 6, ignored: 6, missed: 0 })
})

t.test('a hole right behind the bookmark is told', async (t) => {
  const after = parseStamp('200001:3')
  const { events } = read([connectLines(200_500, 9)], after && { after })
  t.match(events[1], { kind: 'loss', reason: 'sequence-gap', count: 5, fromMs: 200_001 })
})

t.test('what waits can be left to another source', async (t) => {
  const counters = zeroCounters()
  const stream = auditStream({ counters })
  stream.push(connectLines(5_000, 1).slice(0, 2))
  t.equal(stream.pending, 2)
  stream.abandon()
  t.match(counters, { received: 2, ignored: 2, lost: 0 })
  t.equal(stream.pending, 0)
})

t.test('properties', async (t) => {
  const told = read([lines])
  const anyLines = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...lines)))
  const total = fc.property(anyLines, (some) => void read([some]))
  holds(t, 'never throws, and the books agree', total)

  const anyCuts = fc.array(fc.nat(dispatcher.length), { maxLength: 30 })
  const split = fc.property(anyCuts, (cuts) => {
    const splitter = lineSplitter()
    const ends = [...cuts.sort((a, b) => a - b), dispatcher.length]
    const batches = ends.map((end, i) => splitter.push(dispatcher.subarray(ends[i - 1] ?? 0, end)))
    const { events, counters } = read(batches)
    t.strictSame([events, counters], [told.events, told.counters])
  })
  holds(t, 'any split of the bytes gives the same events', split, { numRuns: 50 })

  // Records of one event keep their order (the kernel queues them so); those of others come between.
  const eventOf = (line: string): string => /audit\([^)]*/.exec(line)?.[0] ?? ''
  const queues = Object.values(Object.groupBy(lines, eventOf))
  const picks = fc.array(fc.nat(7), { minLength: lines.length, maxLength: lines.length })
  const byPlace = (events: readonly Event[]) => events.map((event) => JSON.stringify(event)).sort()
  const interleaved = fc.property(picks, (choices) => {
    const waiting = queues.map((queue) => [...(queue ?? [])])
    const mixed = choices.map((choice) => {
      const open = waiting.filter((queue) => queue.length > 0)
      return open[choice % open.length]?.shift() ?? ''
    })
    const { events, counters } = read([mixed])
    t.strictSame(byPlace(events), byPlace(told.events))
    t.strictSame(counters, told.counters)
  })
  holds(t, 'any interleaving of events gives the same events', interleaved, { numRuns: 50 })
})

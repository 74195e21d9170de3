import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { zeroCounters } from '../../../platform/collector.ts'
import { esloggerStream } from '../../../platform/macos/eslogger-stream.ts'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import { esloggerLine } from '../../support/eslogger-lines.ts'
import { holds } from '../../support/holds.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

const DATASET = 'macos.eslogger'

function reader(isJob?: (label: string) => boolean) {
  const counters = zeroCounters()
  return { counters, ...esloggerStream(DATASET, counters, isJob) }
}

const exit = (globalSeq: number, seq: number, second = globalSeq) =>
  esloggerLine({
    type: 'exit',
    seq,
    globalSeq,
    time: `2025-08-07T13:21:${String(second).padStart(2, '0')}.000000000Z`,
  })
const fork = (globalSeq: number, seq: number) =>
  esloggerLine({ type: 'fork', subject: { pid: 5 }, seq, globalSeq })

t.test('a hole in the numbers is a loss with its span', async (t) => {
  const { push, counters } = reader()
  const events = push([exit(1, 0), exit(2, 1), exit(6, 4)], 0)
  const loss = events.filter(({ kind }) => kind === 'loss')
  const [fromMs, atMs] = [Date.UTC(2025, 7, 7, 13, 21, 2), Date.UTC(2025, 7, 7, 13, 21, 6)]
  t.strictSame(loss, [
    { kind: 'loss', atMs, dataset: DATASET, count: 3, reason: 'sequence-gap', fromMs },
  ])
  t.equal(counters.missed, 3)
})

t.test('the same loss is told once, though both numberings show it', async (t) => {
  const { push, counters } = reader()
  push([exit(1, 0), fork(2, 0), exit(5, 1), fork(6, 3)], 0)
  t.equal(counters.missed, 2, 'two forks were dropped: the total told first, then their type')
})

t.test('each numbering alone tells too', async (t) => {
  const byType = reader()
  const alone = (seq: number) => esloggerLine({ type: 'exit', seq })
  byType.push([alone(0), alone(4)], 0)
  t.equal(byType.counters.missed, 3)
  const inAll = reader()
  inAll.push(
    [esloggerLine({ type: 'exit', globalSeq: 7 }), esloggerLine({ type: 'exit', globalSeq: 9 })],
    0,
  )
  t.equal(inAll.counters.missed, 1)
})

t.test('numbers that begin anew, repeat or leap are no loss', async (t) => {
  const { push, restart, counters } = reader()
  push([exit(5, 5), exit(5, 5), exit(0, 0), exit(1, 1)], 0)
  t.equal(counters.missed, 0)
  restart()
  push([exit(40, 40)], 0)
  t.equal(counters.missed, 0, 'the first number of a start may be any')
  push([esloggerLine({ type: 'exit', globalSeq: 5_000_000, seq: 5_000_000 })], 0)
  t.equal(counters.missed, 0)
})

t.test('what cannot be read is told, and the books agree', async (t) => {
  const { push, counters } = reader()
  const events = push(['nonsense', exit(1, 0), '', esloggerLine({ type: 'create' }), '{'], 4_000)
  t.match(
    events.filter(({ kind }) => kind === 'loss'),
    [{ reason: 'malformed', count: 2, dataset: DATASET }],
  )
  t.match(counters, { received: 4, emitted: 1, ignored: 1, malformed: 2 })
  t.match(reader().push(['nonsense'], 4_000), [{ atMs: 4_000, reason: 'malformed' }])
})

t.test('only runs of jobs are told where the jobs are known', async (t) => {
  const job = (label: string) =>
    esloggerLine({
      type: 'exec',
      subject: { pid: 9, path: '/usr/libexec/xpcproxy' },
      args: ['xpcproxy', label],
    })
  const { push, counters } = reader((label) => label === 'com.backup')
  const events = push([job('com.backup'), job('com.apple.mdworker')], 0)
  t.match(
    events.filter(({ kind }) => kind === 'schedule-run'),
    [{ scheduleId: 'com.backup', dataset: DATASET }],
  )
  t.equal(counters.emitted, 2, 'the process is told all the same')
})

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  const files = recordings('macos-eslogger/')
  t.equal(files.length, 22)
  for (const { path, counts } of files) {
    t.test(path, async (t) => {
      const lines = readFileSync(recording(path), 'utf8').trimEnd().split('\n')
      const { push, counters } = reader()
      const events = push(lines, 0)
      t.equal(counters.malformed, 0)
      t.equal(counters.received, lines.length)
      t.equal(counters.emitted + counters.ignored, counters.received, 'the books agree')
      const expected = (type: string) =>
        Number(new RegExp(`\\b${type}=(\\d+)`).exec(counts)?.[1] ?? 0)
      const starts = events.filter(({ kind }) => kind === 'process-start')
      const ends = events.filter(({ kind }) => kind === 'process-end')
      const isWhole = !path.endsWith('all-event-types.ndjson')
      if (isWhole) {
        t.equal(starts.length, expected('exec') + expected('fork'), 'as FILES.tsv counted')
        t.equal(ends.length, expected('exit'))
      } else {
        t.equal(counters.received, 90)
        t.strictSame([starts.length, ends.length], [3, 1], 'two execs, a fork and an exit of 90')
      }
    })
  }

  t.test('a pid that execs twice stays one process, and its job is named', async (t) => {
    const path =
      'macos-eslogger/open-xp-rules-scenarios/mitre_attck_execution__MacOS_AppleScript_Execution__1.ndjson'
    const events = reader().push(readFileSync(recording(path), 'utf8').trimEnd().split('\n'), 0)
    const starts = events.flatMap((event) =>
      event.kind === 'process-start' ? [event.process] : [],
    )
    const images = starts.filter(({ pid }) => pid === 901)
    t.strictSame(
      images.map(({ executable }) => executable),
      ['/sbin/launchd', '/usr/libexec/xpcproxy', '/usr/libexec/spindump_agent'],
    )
    t.equal(new Set(images.map(({ startMs }) => startMs)).size, 1, 'one start time')
    t.match(
      events.find((event) => event.kind === 'schedule-run' && event.process?.pid === 901),
      { scheduleId: 'com.apple.spindump_agent' },
    )
  })
})

t.test('properties', async (t) => {
  const lines = [exit(1, 0), fork(2, 0), 'nonsense', exit(5, 2), esloggerLine({ type: 'create' })]
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  const whole = reader()
    .push(lines, 0)
    .filter(({ kind }) => kind !== 'loss')
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 20 })
  const split = fc.property(cuts, (some) => {
    const { push, counters } = reader()
    const splitter = lineSplitter()
    const ends = [...some.sort((a, b) => a - b), bytes.length]
    const events = ends.flatMap((end, i) =>
      push(splitter.push(bytes.subarray(ends[i - 1] ?? 0, end)), 0),
    )
    t.strictSame(
      events.filter(({ kind }) => kind !== 'loss'),
      whole,
    )
    t.match(counters, { received: 5, missed: 2, malformed: 1 })
  })
  holds(t, 'any split of the bytes gives the same events and losses', split, { numRuns: 50 })
  const total = fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...lines))), (some) => {
    const { push, counters } = reader()
    push(some, 0)
    const { received, emitted, ignored, malformed } = counters
    return received === emitted + ignored + malformed
  })
  holds(t, 'never throws, and the books agree', total)
})

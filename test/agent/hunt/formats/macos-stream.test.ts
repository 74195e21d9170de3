import t from 'tap'
import { isAddedJob, streamReader } from '../../../../agent/hunt/formats/macos-stream.ts'
import { zeroCounters } from '../../../../platform/collector.ts'
import type { Event } from '../../../../platform/event.ts'
import { malformed, parsed } from '../../../../platform/parsed.ts'

t.test('books of the stream and of the file agree', async (t) => {
  const counters = zeroCounters()
  const event: Event = { kind: 'process-end', atMs: 5, dataset: 'x', process: { pid: 1 } }
  const told: unknown[] = []
  const stream = {
    push([line = '']: readonly string[]) {
      if (line.startsWith('bad')) counters.malformed++
      if (line === 'gap') counters.missed += 3
      return line === 'event' ? [event] : []
    },
  }
  const reader = streamReader(
    { connection: () => {}, name: () => {}, event: (host, one) => told.push([host, one]) },
    stream,
    counters,
    (line) => (line === 'bad' ? malformed('is bad') : parsed(line)),
  )
  reader.push(Buffer.from('event\n\nother\nbad\ngap\nbad too'))
  reader.end()
  t.strictSame(told, [['', event]])
  t.match(reader.counts, { rows: 5, ignored: 2, malformed: 2, missing: 3 })
  t.strictSame(reader.faults, [
    { line: 4, reason: 'is bad' },
    { line: 6, reason: 'no record of this format' },
  ])
  t.equal(reader.refusal, undefined)
})

t.test('Apple’s own services are no jobs that somebody added', async (t) => {
  t.strictSame(['com.apple.x', 'com.x.up', 'com.applesauce'].map(isAddedJob), [false, true, true])
})

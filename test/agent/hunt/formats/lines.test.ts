import t from 'tap'
import { lineReader } from '../../../../agent/hunt/formats/lines.ts'
import type { Event } from '../../../../platform/event.ts'
import { malformed, parsed } from '../../../../platform/parsed.ts'

const loss = (atMs: number): Event => ({ kind: 'loss', atMs, dataset: 'x', reason: 'overrun' })

t.test('every line is accounted for, and its events handed on', async (t) => {
  const seen: [string, number][] = []
  const sinks = {
    connection: () => {},
    name: () => {},
    event: (host: string, { atMs }: Event) => seen.push([host, atMs]),
  }
  const reader = lineReader(
    sinks,
    (line) => {
      if (line === 'bad') return malformed('no good')
      return parsed(line === 'nothing' ? undefined : { host: 'h', events: [loss(Number(line))] })
    },
    () => ({ host: 'rest', events: [loss(9)] }),
  )
  for (const chunk of ['1\nnoth', 'ing\n\nbad\n', `${'x'.repeat(1 << 21)}\n2`]) {
    reader.push(Buffer.from(chunk))
  }
  reader.end()
  t.strictSame(seen, [
    ['h', 1],
    ['h', 2],
    ['rest', 9],
  ])
  t.match(reader, {
    counts: { rows: 5, ignored: 1, malformed: 2 },
    faults: [
      { line: 4, reason: 'no good' },
      { line: 5, reason: /1 MiB/ },
    ],
    refusal: undefined,
  })
})

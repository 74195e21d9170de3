import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { logTime, parseLogLine } from '../../../platform/macos/unified-log-entry.ts'
import { holds } from '../../support/holds.ts'
import { logLine } from '../../support/log-lines.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

t.test('reads an entry', async (t) => {
  const line = logLine({ message: 'hello', subsystem: 'com.x', category: 'c', image: '/bin/x' })
  t.strictSame(parseLogLine(line), {
    ok: true,
    value: {
      kind: 'entry',
      entry: {
        atMs: Date.UTC(2025, 5, 24, 11, 32, 34, 176),
        pid: 500,
        image: '/bin/x',
        subsystem: 'com.x',
        category: 'c',
        message: 'hello',
        uid: 501,
      },
    },
  })
})

const others: Record<string, string> = {
  'what is filtered': 'Filtering the log data using "subsystem == "com.apple.network""',
  'a header':
    'Timestamp                       Thread     Type        Activity             PID    TTL',
  'a warning': 'Skipping info and debug messages, pass --info and/or --debug to include.',
  'a user that is not known': 'getpwuid_r did not find a match for uid 501',
  'the count at the end': '{"count":17,"finished":1}',
  'an entry without a message':
    '{"timestamp":"2025-06-24 14:32:34.176682+0300","processID":1,"eventMessage":null}',
}
for (const [name, line] of Object.entries(others)) {
  t.test(`passes over ${name}`, async (t) => {
    t.strictSame(parseLogLine(line), { ok: true, value: { kind: 'other' } })
  })
}

t.test('a loss that the log tells of', async (t) => {
  const at = '"timestamp":"2025-06-24 14:32:34.000000+0300"'
  const atMs = Date.UTC(2025, 5, 24, 11, 32, 34)
  const read = (rest: string) => parseLogLine(`{"eventType":"lossEvent",${at}${rest}}`)
  t.strictSame(read(',"lossCount":12'), { ok: true, value: { kind: 'loss', atMs, count: 12 } })
  t.match(read(',"lossCount":{"count":3}'), { value: { kind: 'loss', count: 3 } })
  t.strictSame(read(''), { ok: true, value: { kind: 'loss', atMs } })
})

const times: Record<string, number | undefined> = {
  '2025-06-24 14:32:34.176682+0300': Date.UTC(2025, 5, 24, 11, 32, 34, 176),
  '2025-06-24 14:32:34.176682-0500': Date.UTC(2025, 5, 24, 19, 32, 34, 176),
  '2025-06-24T14:32:34.1+05:30': Date.UTC(2025, 5, 24, 9, 2, 34, 100),
  '2025-06-24 14:32:34+0000': Date.UTC(2025, 5, 24, 14, 32, 34),
  '2025-06-24 14:32:34.176682': undefined,
  '2025-13-24 14:32:34.176682+0300': undefined,
  '17:05:53.418565-0500': undefined,
}
for (const [text, atMs] of Object.entries(times)) {
  t.test(`time ${text}`, async (t) => t.equal(logTime(text), atMs))
}

for (const line of ['', '{', '[]', '{}', '{"timestamp":"now"}', 'default\t17:05:53\tX\ttext']) {
  t.test(`refuses ${JSON.stringify(line)}`, async (t) => {
    t.match(parseLogLine(line), { ok: false, reason: /./ })
  })
}

t.test('recordings', { skip: withoutRecordings }, async (t) => {
  const files = recordings('macos-unifiedlog/')
  t.equal(files.length, 3)
  for (const { path, counts } of files) {
    t.test(path, async (t) => {
      const lines = readFileSync(recording(path), 'utf8').trimEnd().split('\n')
      const read = lines.map(parseLogLine)
      const expected = Number(/lines=(\d+)/.exec(counts)?.[1])
      t.ok(Math.abs(lines.length - expected) <= 1, `${lines.length} lines, counted ${expected}`)
      // The others are text: a copy out of Console, and syslog from before the unified log.
      const isJson = path.endsWith('.ndjson')
      t.ok(
        read.every(({ ok }) => ok === isJson),
        isJson ? 'all are entries' : 'text is no entry',
      )
    })
  }
})

t.test('properties', async (t) => {
  holds(
    t,
    'never throws',
    fc.property(fc.string(), (line) => void parseLogLine(line)),
  )
  const whole = JSON.parse(logLine({ message: 'x' }))
  const mutated = fc.property(
    fc.constantFrom(...Object.keys(whole), 'lossCount'),
    fc.jsonValue(),
    (key, value) => void parseLogLine(JSON.stringify({ ...whole, [key]: value })),
  )
  holds(t, 'never throws on a field of another kind', mutated)
})

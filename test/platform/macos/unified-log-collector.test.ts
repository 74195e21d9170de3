import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Batch } from '../../../platform/collector.ts'
import { unifiedLogCollector } from '../../../platform/macos/unified-log-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { spawnLine, tcpLine } from '../../support/log-lines.ts'

const skip = process.platform === 'win32' && 'needs a shell'

/** A shell script stands for log. */
function start(t: Test, script: string, silenceMs = 10_000) {
  const folder = t.testdir({ log: script })
  const control = new AbortController()
  const collector = unifiedLogCollector({
    clock: fakeClock(1000, 1),
    command: ['/bin/sh', join(folder, 'log')],
    silenceMs,
  })
  return { folder, control, collector }
}

async function collect({ collector, control }: ReturnType<typeof start>, batches: Batch[] = []) {
  for await (const batch of collector.batches(control.signal, { load: () => undefined })) {
    batches.push(batch)
  }
  return batches
}
const printing = (...lines: readonly string[]) => `cat << 'EOF'\n${lines.join('\n')}\nEOF\n`

t.test('tells jobs and connections behind the preamble', { skip }, async (t) => {
  const text = printing(
    'Filtering the log data using "x"',
    spawnLine('com.x', 7),
    tcpLine('outgoing'),
    tcpLine('summary'),
  )
  const started = start(t, `printf '%s\\n' "$@" > "$(dirname "$0")/args"\n${text}`)
  const batches: Batch[] = []
  await t.rejects(collect(started, batches), { message: /ended with 0/, remedy: /root/ })
  t.match(
    batches.flatMap(({ events }) => events),
    [
      { kind: 'schedule-run', scheduleId: 'com.x', dataset: 'macos.unified_log' },
      { kind: 'connection', phase: 'end' },
    ],
  )
  t.match(started.collector.counters, { received: 4, emitted: 2, ignored: 2, malformed: 0 })
  const args = readFileSync(join(started.folder, 'args'), 'utf8').trim().split('\n')
  t.strictSame(args.slice(0, 6), ['stream', '--style', 'ndjson', '--level', 'info', '--predicate'])
  t.equal(args[6]?.split('(').length, args[6]?.split(')').length, 'brackets are in pairs')
})

t.test('a log that refuses is told in its own words', { skip }, async (t) => {
  const started = start(t, 'echo "log: Must be admin to run \'stream\' command" >&2; exit 77')
  await t.rejects(collect(started), { message: /Must be admin/, remedy: /administrator/ })
})

t.test('half a line, and a hang', { skip }, async (t) => {
  const half = start(t, `${printing(spawnLine('com.x', 7))}printf '{"time'`)
  const batches: Batch[] = []
  await t.rejects(collect(half, batches))
  t.match(batches.at(-1)?.events, [{ kind: 'loss', reason: 'malformed', count: 1 }])
  t.match(half.collector.counters, { received: 2, emitted: 1, malformed: 1 })
  await t.rejects(collect(start(t, 'exec sleep 60', 200)), { message: /printed nothing for 0.2 s/ })
})

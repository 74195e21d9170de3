import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Batch } from '../../../platform/collector.ts'
import { esloggerCollector } from '../../../platform/macos/eslogger-collector.ts'
import { esloggerLine } from '../../support/eslogger-lines.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const skip = process.platform === 'win32' && 'needs a shell'

/** A shell script stands for eslogger. */
function start(t: Test, script: string, silenceMs = 10_000) {
  const folder = t.testdir({ eslogger: script })
  const control = new AbortController()
  const collector = esloggerCollector({
    clock: fakeClock(1000, 1),
    command: ['/bin/sh', join(folder, 'eslogger')],
    isJob: (label) => label === 'com.backup',
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

const JOB = esloggerLine({
  type: 'exec',
  seq: 0,
  globalSeq: 0,
  subject: { pid: 9, path: '/usr/libexec/xpcproxy' },
  args: ['xpcproxy', 'com.backup'],
})
const EXIT = esloggerLine({ type: 'exit', seq: 0, globalSeq: 1 })

t.test('tells processes, runs of jobs and what was dropped', { skip }, async (t) => {
  const later = esloggerLine({ type: 'exit', seq: 3, globalSeq: 4 })
  const started = start(t, `echo "$@" > "$(dirname "$0")/args"\n${printing(JOB, EXIT, later)}`)
  const batches: Batch[] = []
  await t.rejects(collect(started, batches), { message: /ended with 0/ })
  const events = batches.flatMap(({ events }) => events)
  t.strictSame(
    events.map(({ kind }) => kind),
    ['process-start', 'schedule-run', 'process-end', 'loss', 'process-end'],
  )
  t.ok(events.every(({ dataset }) => dataset === 'macos.eslogger'))
  t.match(started.collector.counters, { received: 3, emitted: 3, missed: 2 })
  t.equal(readFileSync(join(started.folder, 'args'), 'utf8').trim(), 'exec fork exit')
})

t.test('without Full Disk Access it says so, with the remedy', { skip }, async (t) => {
  const started = start(
    t,
    'echo "Failed to create ES client: Not permitted to create an ES Client, responsible process needs TCC Full Disk Access authorization (ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED)" >&2; exit 1',
  )
  await t.rejects(collect(started), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: /has no Full Disk Access/,
    remedy: /System Settings/,
  })
})

t.test('half a line of a child that died is a loss', { skip }, async (t) => {
  const started = start(t, `${printing(EXIT)}printf '{"event":'; exit 9`)
  const batches: Batch[] = []
  await t.rejects(collect(started, batches), { message: /ended with 9/ })
  t.match(batches.at(-1)?.events, [{ kind: 'loss', reason: 'malformed', count: 1 }])
  t.match(started.collector.counters, { received: 2, emitted: 1, malformed: 1 })
})

t.test('a child that hangs is a lost source', { skip }, async (t) => {
  const started = start(t, `${printing(EXIT)}exec sleep 60`, 200)
  await t.rejects(collect(started), { message: /printed nothing for 0.2 s/ })
})

t.test('numbers of a child that was started again are no loss', { skip }, async (t) => {
  const first = esloggerLine({ type: 'exit', seq: 0, globalSeq: 0 })
  const last = esloggerLine({ type: 'exit', seq: 1, globalSeq: 1 })
  const script = `if [ -e "$0.seen" ]; then ${'\n'}${printing(esloggerLine({ type: 'exit', seq: 90, globalSeq: 90 }))}else : > "$0.seen"\n${printing(first, last)}fi`
  const started = start(t, script)
  await t.rejects(collect(started))
  await t.rejects(collect(started))
  t.match(started.collector.counters, { received: 3, missed: 0 })
})

t.test('ends when it is told to', { skip }, async (t) => {
  const started = start(t, `${printing(EXIT)}exec sleep 60`)
  const batches: Batch[] = []
  for await (const batch of started.collector.batches(started.control.signal, {
    load: () => undefined,
  })) {
    if (batch.events.length === 0) continue
    batches.push(batch)
    started.control.abort()
  }
  t.equal(batches.length, 1)
})

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { zeroCounters } from '../../../platform/collector.ts'
import { SourceError } from '../../../platform/errors.ts'
import type { Event } from '../../../platform/event.ts'
import { conntrackEvents } from '../../../platform/linux/conntrack-events-collector.ts'
import { conntrackTracker } from '../../../platform/linux/conntrack-tracker.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const GOLDEN = join(process.cwd(), 'test/golden/linux/conntrack/conntrack-1.4.7-uploads.events')
const dataset = 'linux.conntrack'
const skip = process.platform === 'win32' && 'needs a shell'

/** A program that does what `script` says. */
function program(t: Test, script: string): string {
  const path = `${t.testdir({ conntrack: `#!/bin/sh\n${script}\n` })}/conntrack`
  chmodSync(path, 0o755)
  return path
}

async function run(command: string, signal = new AbortController().signal) {
  const counters = zeroCounters()
  const events: Event[] = []
  const options = {
    command,
    dataset,
    counters,
    clock: fakeClock(1_000, 1),
    tracker: conntrackTracker({ dataset }),
    hostIps: () => new Set(['10.99.7.1', 'fd07::1']),
  }
  try {
    for await (const batch of conntrackEvents(options, signal)) events.push(...batch.events)
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return { events, counters, error }
  }
  return { events, counters, error: undefined }
}

t.test('tells what was destroyed, and that the tool ended', { skip }, async (t) => {
  const { events, counters, error } = await run(program(t, `cat ${GOLDEN}; echo nonsense`))
  const ended = events.filter((event) => event.kind === 'connection')
  t.equal(ended.length, 6)
  t.match(ended[0], {
    phase: 'end',
    atMs: 1_795_545_986_613,
    startMs: 1_795_545_986_613,
    destination: { ip: 'fd07::2', port: 8080 },
    sentBytes: 467,
  })
  t.match(events.at(-1), { kind: 'loss', count: 1, reason: 'malformed' })
  t.match(counters, { received: 7, emitted: 6, malformed: 1 })
  t.match(error, { message: /conntrack: ended$/, remedy: /root/ })
})

t.test('tells that the kernel dropped events', { skip }, async (t) => {
  const script = `echo 'WARNING: We have hit ENOBUFS! We are losing events.' >&2; cat ${GOLDEN}; sleep 0.05; cat ${GOLDEN}`
  const { events } = await run(program(t, script))
  t.ok(events.some((event) => event.kind === 'loss' && event.reason === 'overrun'))
})

t.test('says in the words of the tool why it may not', { skip }, async (t) => {
  const { error } = await run(program(t, "echo 'Operation not permitted' >&2; exit 1"))
  t.match(error, { message: /Operation not permitted/, remedy: /root/ })
})

t.test('a missing program is a lost source', { skip }, async (t) => {
  const { error } = await run('/nonexistent/conntrack')
  t.match(error, { message: /no such program/, remedy: /install/ })
})

t.test('ends its child when it is told to stop', { skip }, async (t) => {
  const stop = new AbortController()
  const done = run(program(t, 'exec tail -f /dev/null'), stop.signal)
  stop.abort()
  t.match(await done, { events: [], error: undefined })
})

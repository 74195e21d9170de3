import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { nettopCollector } from '../../../platform/macos/nettop-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const skip = process.platform === 'win32' && 'needs a shell'
const HEADER = 'time,,interface,state,bytes_in,bytes_out,rx_dupe,'
const row = (what: string, received: number, sent: number) =>
  `18:18:38.329546,${what},en0,Established,${received},${sent},0,`
const sample = (...rows: readonly string[]) => [HEADER, ...rows].join('\n')

/** A program that prints the first sample, then the second, and writes its arguments down. */
function program(t: Test, first: string, second: string): string {
  const script = `#!/bin/sh
cd "$(dirname "$0")"
[ "$*" = "-L 1 -n -x" ] || exit 64
if [ -e seen ]; then cat second; else cat first; : > seen; fi
`
  const folder = t.testdir({ nettop: script, first, second })
  const path = join(folder, 'nettop')
  chmodSync(path, 0o755)
  return path
}

async function run(command: string, looks: number) {
  const collector = nettopCollector({
    clock: fakeClock(1000, looks),
    ownPid: 99,
    pollMs: 500,
    command,
  })
  const signal = new AbortController().signal
  const batches = await Array.fromAsync(collector.batches(signal, { load: () => undefined }))
  return { events: batches.flatMap(({ events }) => events), counters: collector.counters }
}

t.test('tells the volume of each connection, and again when it has grown', { skip }, async (t) => {
  const both = (sent: number) =>
    sample(
      row('curl.7', 0, 0),
      row('tcp4 10.0.0.5:1<->203.0.113.9:443', 10, sent),
      row('tcp4 10.0.0.5:2<->203.0.113.9:443', 20, 30),
      row('tidewatch.99', 0, 0),
      row('tcp4 10.0.0.5:3<->203.0.113.9:443', 1, 1),
      row('sshd.8', 0, 0),
      row('tcp4 *:22<->*:*', 0, 0),
      row('tcp4 10.0.0.5:22<->203.0.113.9:50000', 5, 5),
    )
  const { events, counters } = await run(program(t, both(100), both(4000)), 2)
  const each = {
    kind: 'connection',
    phase: 'progress',
    dataset: 'macos.nettop',
    process: { pid: 7, name: 'curl' },
    destination: { ip: '203.0.113.9', port: 443 },
  }
  t.match(events, [
    { ...each, atMs: 1000, source: { port: 1 }, sentBytes: 100, receivedBytes: 10 },
    { ...each, atMs: 1000, source: { port: 2 }, sentBytes: 30, receivedBytes: 20 },
    { ...each, atMs: 1500, source: { port: 1 }, sentBytes: 4000 },
  ])
  t.equal(events.length, 3)
  t.match(counters, { received: 14, emitted: 3, ignored: 11, malformed: 0 })
})

t.test(
  'counts what it cannot read, and a missing program is a lost source',
  { skip },
  async (t) => {
    const { events } = await run(program(t, 'nonsense', ''), 1)
    t.match(events, [{ kind: 'loss', count: 1, reason: 'malformed' }])
    await t.rejects(run('/nonexistent/nettop', 1), { message: /no such program/ })
  },
)

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Batch } from '../../../platform/collector.ts'
import { ssCollector } from '../../../platform/linux/ss-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const GOLDEN = join(process.cwd(), 'test/golden/linux/ss/iproute2-6.1-mixed.txt')
const skip = process.platform === 'win32' && 'needs a shell'

/** A program that does what `script` says, in the folder that it is in. */
function program(t: Test, script: string): string {
  const dir = t.testdir({
    passwd: 'nobody:x:65534:65534::/:/bin/sh\n',
    ss: `#!/bin/sh\ncd "$(dirname "$0")"\n${script}\n`,
  })
  const path = `${dir}/ss`
  chmodSync(path, 0o755)
  return path
}

async function run(command: string, looks: number) {
  const passwdFile = join(command, '..', 'passwd')
  const collector = ssCollector({
    clock: fakeClock(1_000, looks),
    pollMs: 500,
    command,
    passwdFile,
  })
  const signal = new AbortController().signal
  const batches: Batch[] = await Array.fromAsync(
    collector.batches(signal, { load: () => undefined }),
  )
  return { events: batches.flatMap(({ events }) => events), counters: collector.counters }
}

t.test(
  'tells the volume of each open connection, and again when it has grown',
  { skip },
  async (t) => {
    const script = `if [ -e seen ]; then sed s/bytes_acked:61616/bytes_acked:70001/ ${GOLDEN}; else cat ${GOLDEN}; fi
[ -e once ] && : > seen; : > once`
    const { events, counters } = await run(program(t, script), 3)
    const base = { kind: 'connection', phase: 'progress', dataset: 'linux.socket_info' }
    const first = { ...base, atMs: 1_000, sentBytes: 61_615, receivedBytes: 25 }
    const later = { ...base, atMs: 2_000, sentBytes: 70_000, receivedBytes: 25 }
    t.match(events, [
      { ...first, source: { port: 33_160 }, user: { id: '65534', name: 'nobody' } },
      { ...first, source: { ip: 'fd07::1', port: 33_796 }, user: { id: '0' } },
      { ...later, source: { port: 33_160 } },
      { ...later, source: { port: 33_796 } },
    ])
    t.equal(events.length, 4)
    t.match(counters, { received: 12, emitted: 4, ignored: 8, malformed: 0 })
  },
)

t.test('counts what it cannot read', { skip }, async (t) => {
  const { events, counters } = await run(program(t, 'echo nonsense'), 1)
  t.match(events, [{ kind: 'loss', count: 1, reason: 'malformed' }])
  t.match(counters, { received: 1, malformed: 1 })
})

t.test('a missing or old program is a lost source', { skip }, async (t) => {
  await t.rejects(run('/nonexistent/ss', 1), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: '/nonexistent/ss: no such program',
    remedy: /iproute2/,
  })
  const old = program(t, 'echo "ss: invalid option -- \'O\'" >&2; exit 255')
  await t.rejects(run(old, 1), { message: /invalid option/, remedy: /5.2/ })
})

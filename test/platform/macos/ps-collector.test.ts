import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Event } from '../../../platform/event.ts'
import { psCollector } from '../../../platform/macos/ps-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const skip = process.platform === 'win32' && 'needs a shell'
const NOW = 1_700_000_000_000

function program(t: Test, script: string): string {
  const path = join(t.testdir({ ps: `#!/bin/sh\n${script}\n` }), 'ps')
  chmodSync(path, 0o755)
  return path
}

async function run(command: string) {
  const control = new AbortController()
  const collector = psCollector({ clock: fakeClock(NOW, 1), command })
  const events: Event[] = []
  for await (const batch of collector.batches(control.signal, { load: () => undefined })) {
    events.push(...batch.events)
    control.abort()
  }
  return { events, counters: collector.counters }
}

t.test('tells once what runs, then rests until it is told to end', { skip }, async (t) => {
  const script = `case "$3" in *comm=) echo ' 7 1 501 00:10 /bin/bash';; *) echo ' 7 1 501 00:10 bash /opt/x.sh';; esac
[ "$3" = "pid=,ppid=,uid=,etime=,comm=" ] && echo nonsense; exit 0`
  const { events, counters } = await run(program(t, script))
  t.match(events, [
    {
      kind: 'process-start',
      atMs: NOW,
      dataset: 'macos.ps',
      process: {
        pid: 7,
        executable: '/bin/bash',
        args: ['bash', '/opt/x.sh'],
        startMs: NOW - 10_000,
      },
    },
  ])
  t.match(counters, { received: 2, emitted: 1, malformed: 1 })
})

t.test('a program that is not there is a lost source', async (t) => {
  await t.rejects(run('/nonexistent/ps'), { code: 'ERR_SOURCE_UNAVAILABLE' })
})

const noPs = !existsSync('/bin/ps') && 'no ps'
t.test('finds this process live', { skip: noPs }, async (t) => {
  const { events } = await run('/bin/ps')
  const mine = events.find(
    (event) => event.kind === 'process-start' && event.process.pid === process.pid,
  )
  t.match(mine, { process: { parentPid: process.ppid, user: { id: String(process.getuid?.()) } } })
})

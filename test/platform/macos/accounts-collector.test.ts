import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Collector, zeroCounters } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { accountNames } from '../../../platform/macos/accounts-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const observed = { atMs: 1, dataset: 'x' }
const start = (uid: string): Event => ({
  ...{ kind: 'process-start', ...observed },
  process: { pid: 7, user: { id: uid }, loginUser: { id: '501' } },
})
const collectorOf = (...batches: (readonly Event[])[]): Collector => ({
  ...{ dataset: 'x', description: 'x', counters: zeroCounters(), seesConnections: true },
  degraded: () => 'less',
  async *batches() {
    for (const events of batches) yield { events, bookmark: 'b' }
  },
})
const { signal } = new AbortController()
const told = async (collector: Collector) =>
  Array.fromAsync(collector.batches(signal, { load: () => undefined }))

function dscl(t: Test, text: string) {
  const folder = t.testdir({
    dscl: `#!/bin/sh\necho "$*" >> "$(dirname "$0")/asked"\nprintf '${text}'\n`,
  })
  chmodSync(join(folder, 'dscl'), 0o755)
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8')
  return { command: join(folder, 'dscl'), asked }
}

t.test('users get their names, and all else stays', async (t) => {
  const { command, asked } = dscl(t, 'ann   501\\nroot  0\\n')
  const naming = accountNames({ clock: fakeClock(0, 1), command })
  const run: Event = {
    ...{ kind: 'schedule-run', ...observed, scheduler: 'launchd' },
    user: { id: '501' },
  }
  const quiet: Event = { kind: 'loss', ...observed, reason: 'overrun' }
  const named = naming(collectorOf([start('0'), run], [start('777'), quiet]))
  t.match(named, { dataset: 'x', seesConnections: true })
  t.equal(named.degraded?.(), 'less')
  t.strictSame(await told(named), [
    {
      events: [
        {
          ...start('0'),
          process: {
            pid: 7,
            user: { id: '0', name: 'root' },
            loginUser: { id: '501', name: 'ann' },
          },
        },
        { ...run, user: { id: '501', name: 'ann' } },
      ],
      bookmark: 'b',
    },
    {
      events: [
        {
          ...start('777'),
          process: { pid: 7, user: { id: '777' }, loginUser: { id: '501', name: 'ann' } },
        },
        quiet,
      ],
      bookmark: 'b',
    },
  ])
  t.equal(asked(), '. -list /Users UniqueID\n', 'once in this minute')
})

t.test('without dscl events come all the same, and root is root', async (t) => {
  const naming = accountNames({ clock: fakeClock(0, 1), command: '/nonexistent/dscl' })
  const [batch] = await told(naming(collectorOf([start('0')])))
  t.match(batch?.events, [{ process: { user: { name: 'root' }, loginUser: { name: undefined } } }])
})

import { writeFileSync } from 'node:fs'
import t from 'tap'
import type { Clock } from '../../../platform/collector.ts'
import type { Event } from '../../../platform/event.ts'
import { hostsFileCollector } from '../../../platform/linux/hosts-file-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const none = { load: () => undefined }
const collect = async (clock: Clock, path: string): Promise<Event[]> => {
  const collector = hostsFileCollector({ clock, path })
  const batches = await Array.fromAsync(collector.batches(new AbortController().signal, none))
  return batches.flatMap(({ events }) => events)
}

t.test('tells the names at start, and then what changed', async (t) => {
  const path = `${t.testdir({ hosts: '127.0.0.1 localhost\n10.0.0.5 a.example\n' })}/hosts`
  const clock: Clock = {
    now: () => 0,
    async *ticks() {
      yield 1_000
      yield 2_000
      writeFileSync(path, '10.0.0.5 a.example\n10.0.0.6 b.example\n')
      yield 3_000
    },
  }
  const event = { kind: 'name-resolved', dataset: 'linux.hosts' }
  t.strictSame(await collect(clock, path), [
    { ...event, atMs: 1_000, domain: 'a.example', addresses: ['10.0.0.5'] },
    { ...event, atMs: 3_000, domain: 'b.example', addresses: ['10.0.0.6'] },
  ])
})

t.test('a missing file is a lost source', async (t) => {
  await t.rejects(collect(fakeClock(0, 1), '/nonexistent'), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    message: '/nonexistent: is not there',
  })
})

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'plist'
import t from 'tap'
import type { ScheduleChange } from '../../../platform/event.ts'
import { scheduleCollector } from '../../../platform/macos/schedule-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const job = (label: string, seconds = 900) =>
  build({ Label: label, Program: '/opt/x', StartInterval: seconds })
const noBookmark = { load: () => undefined }

function start(rootDir: string, looks: number, known: readonly ScheduleChange[] = []) {
  const collector = scheduleCollector({
    clock: fakeClock(1000, looks),
    pollMs: 500,
    ...{ rootDir, launchctl: '/nonexistent/launchctl' },
    known: known.map(({ schedule }) => schedule),
  })
  const batches = collector.batches(new AbortController().signal, noBookmark)
  return { collector, batches }
}

async function changes(batches: AsyncIterable<{ readonly events: readonly unknown[] }>) {
  const all = await Array.fromAsync(batches)
  return all.flatMap(({ events }) => events as readonly ScheduleChange[])
}

t.test('tells what it finds, then what changes', async (t) => {
  const rootDir = t.testdir({
    Library: { LaunchDaemons: { 'a.plist': job('a'), 'b.plist': job('b') } },
  })
  const folder = join(rootDir, 'Library/LaunchDaemons')
  const { collector, batches } = start(rootDir, 3)
  t.equal(collector.isJob('a'), false, 'before the first look nothing is known')
  const told: ScheduleChange[] = []
  for await (const { events } of batches) {
    told.push(...(events as readonly ScheduleChange[]))
    writeFileSync(join(folder, 'a.plist'), job('a', 60))
    writeFileSync(join(folder, 'c.plist'), job('c'))
    rmSync(join(folder, 'b.plist'), { force: true })
  }
  t.strictSame(
    told.map(({ change, schedule, atMs }) => [change, schedule.id, atMs]),
    [
      ['found', 'a', 1000],
      ['found', 'b', 1000],
      ['change', 'a', 1500],
      ['creation', 'c', 1500],
      ['deletion', 'b', 1500],
    ],
  )
  t.ok(told.every(({ dataset }) => dataset === 'macos.schedules'))
  t.strictSame(['a', 'b', 'c'].map(collector.isJob), [true, false, true])
  t.match(collector.counters, { received: 5, emitted: 5, malformed: 0 })
})

t.test('tells what changed while it was away', async (t) => {
  const rootDir = t.testdir({ Library: { LaunchDaemons: { 'a.plist': job('a') } } })
  const before = await changes(start(rootDir, 1).batches)
  t.strictSame(await changes(start(rootDir, 1, before).batches), [])
  writeFileSync(join(rootDir, 'Library/LaunchDaemons/a.plist'), job('a', 60))
  t.match(await changes(start(rootDir, 1, before).batches), [{ change: 'change' }])
})

t.test('a damaged file is reported by name, once', async (t) => {
  const rootDir = t.testdir({
    Library: { LaunchDaemons: { 'a.plist': job('a').slice(0, -20), 'b.plist': 'x' } },
  })
  const { collector, batches } = start(rootDir, 3)
  t.equal(collector.degraded?.(), undefined)
  await changes(batches)
  t.match(collector.degraded?.(), /^\/Library\/LaunchDaemons\/a\.plist: .*cut off.* \(and 1 more\)/)
  t.match(collector.counters, { received: 2, emitted: 0, malformed: 2 })
})

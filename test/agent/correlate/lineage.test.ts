import t from 'tap'
import { type Entity, lineage } from '../../../agent/correlate/lineage.ts'
import type { Process } from '../../../platform/event.ts'

const make = (lookUp?: (pid: number) => Process | undefined) =>
  lineage({ bootId: 'boot', maxProcesses: 100, ...(lookUp && { lookUp }) })

t.test('a process keeps its identity through exec, and remembers what it ran', async (t) => {
  const all = make()
  const shell = all.start({ pid: 10, parentPid: 1, args: ['sh', '-c', 'x'] }, 1_000)
  const program = all.start({ pid: 10, parentPid: 1, args: ['/opt/x'] }, 1_005)
  t.equal(program.entityId, shell.entityId)
  t.strictSame(
    program.images.map(({ args }) => args),
    [['sh', '-c', 'x'], ['/opt/x']],
  )
})

t.test('a pid that ended, or that has another parent, is another process', async (t) => {
  const all = make()
  const first = all.start({ pid: 10, parentPid: 2 }, 1_000)
  all.end(10, 2_000)
  t.equal(all.of({ pid: 10 }, 1_500), first, 'told late, of the time when it lived')
  const second = all.start({ pid: 10, parentPid: 2 }, 3_000)
  const third = all.start({ pid: 10, parentPid: 3 }, 4_000)
  t.equal(new Set([first, second, third].map(({ entityId }) => entityId)).size, 3)
})

t.test('an orphan that runs another program is still itself', async (t) => {
  const all = make()
  const child = all.start({ pid: 10, parentPid: 9 }, 1_000)
  t.equal(all.start({ pid: 10, parentPid: 1, args: ['y'] }, 2_000), child)
})

t.test('a parent that only forked is looked at while it lives', async (t) => {
  const all = make((pid) => (pid === 20 ? { pid, parentPid: 1, name: 'cron' } : undefined))
  const job = all.start({ pid: 21, parentPid: 20 }, 1_000)
  t.strictSame(
    all.ancestry(job).map(({ pid }) => pid),
    [21, 20],
  )
})

t.test('ids differ by boot, pid and start, and a source that has its own keeps it', async (t) => {
  const id = (bootId: string, pid: number, atMs: number) =>
    lineage({ bootId, maxProcesses: 9 }).start({ pid }, atMs).entityId
  t.equal(new Set([id('a', 1, 1), id('b', 1, 1), id('a', 2, 1), id('a', 1, 2)]).size, 4)
  t.equal(make().start({ pid: 1, entityId: '{guid}' }, 0).entityId, '{guid}')
})

t.test('the table is bounded: the ended go first, then the oldest', async (t) => {
  const all = lineage({ bootId: 'b', maxProcesses: 10 })
  for (let pid = 1; pid <= 1_000; pid++) all.start({ pid, parentPid: pid - 1 }, pid)
  t.ok(all.size <= 10)
  const last = all.of({ pid: 1_000 }, 1_000)
  t.equal(last.startMs, 1_000, 'the newest is kept')
  t.ok(all.ancestry(last).length <= 32, 'a chain is bounded too')
})

t.test('a line of parents that end does not grow, though pids are used again', async (t) => {
  const all = lineage({ bootId: 'b', maxProcesses: 10 })
  let last: Entity | undefined
  for (let i = 0; i < 20_000; i++) {
    last = all.start({ pid: 100 + (i % 3), parentPid: 100 + ((i + 2) % 3) }, i)
    all.end(100 + ((i + 2) % 3), i)
  }
  let held = 0
  for (let at = last; at !== undefined; at = at.parent) held++
  t.ok(held <= 129, `${held} are held`)
  t.equal(last && all.ancestry(last).length, 32, 'and as many as ever are told')
})

t.test('two that are parents of each other by pid reuse are no endless search', async (t) => {
  const all = make((pid) => ({ pid, parentPid: pid === 5 ? 6 : 5 }))
  const one = all.start({ pid: 5, parentPid: 6 }, 1_000)
  t.ok(all.ancestry(one).length <= 4)
})

t.test('a parent that the source tells of is known by it, where nothing else is', async (t) => {
  const all = make()
  const parent = { pid: 8, entityId: '{P1}', executable: 'C:\\svchost.exe' }
  const child = all.start({ pid: 9, parentPid: 8, entityId: '{C1}' }, 1_000, parent)
  t.match(child.parent, { entityId: '{P1}', images: [{ executable: 'C:\\svchost.exe' }] })
  const again = all.start({ pid: 10, parentPid: 8, entityId: '{C2}' }, 2_000, parent)
  t.equal(again.parent, child.parent, 'one parent of two')
  const other = { ...parent, entityId: '{P2}' }
  const late = all.start({ pid: 11, parentPid: 8, entityId: '{C3}' }, 3_000, other)
  t.match(late.parent, { entityId: '{P2}' }, 'its pid was given to another')
})

t.test('whom a look finds at a pid is not always whom the source means', async (t) => {
  const all = make((pid) => ({ pid, entityId: '{OLD}', commandLine: 'old.exe' }))
  t.match(all.of({ pid: 5, entityId: '{NEW}' }, 1_000), { images: [{ commandLine: undefined }] })
  t.match(all.of({ pid: 6, entityId: '{OLD}' }, 1_000), { images: [{ commandLine: 'old.exe' }] })
})

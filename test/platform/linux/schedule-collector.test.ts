import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Event, Schedule } from '../../../platform/event.ts'
import { scheduleCollector } from '../../../platform/linux/schedule-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const NONE = { load: () => undefined }
const told = (events: readonly Event[]) =>
  events.map((event) =>
    event.kind === 'schedule-change' ? `${event.change} ${event.schedule.command}` : event.kind,
  )
const schedulesOf = (events: readonly Event[]): Schedule[] =>
  events.flatMap((event) => (event.kind === 'schedule-change' ? [event.schedule] : []))

/** Each tick of the clock does the next thing to the host, and then the collector looks. */
function start(rootDir: string, steps: readonly (() => void)[], known: readonly Schedule[] = []) {
  const clock = fakeClock(1000, 0)
  const stepping = {
    ...clock,
    async *ticks() {
      yield 1000
      for (const [i, step] of steps.entries()) {
        step()
        yield 2000 + i * 1000
      }
    },
  }
  const collector = scheduleCollector({ clock: stepping, pollMs: 1000, rootDir, known })
  const batches = async (): Promise<string[][]> => {
    const all = await Array.fromAsync(collector.batches(new AbortController().signal, NONE))
    return all.map(({ events }) => told(events))
  }
  return { collector, batches }
}

t.test('tells what it finds, then what is written, changed and removed', async (t) => {
  const root = t.testdir({
    etc: {
      crontab: '@daily root a\n',
      systemd: { system: { 'x.timer': '[Timer]\nOnCalendar=daily\n' } },
    },
  })
  const write = (path: string, text: string) => () => writeFileSync(join(root, path), text)
  const { collector, batches } = start(root, [
    write('etc/crontab', '@daily root a\n@hourly root b\n'),
    () => undefined,
    write('etc/crontab', '# a line more\n@daily root a\n@hourly root b\n'),
    write('etc/systemd/system/x.timer', '[Timer]\nOnCalendar=hourly\n'),
    () => rmSync(join(root, 'etc/crontab')),
  ])
  t.strictSame(await batches(), [
    ['found a', 'found x.service'],
    ['creation b'],
    ['change x.service'],
    ['deletion a', 'deletion b'],
  ])
  t.match(collector.counters, { received: 6, emitted: 6, malformed: 0 })
  t.equal(collector.timerOf('x.service'), 'x.timer')
  t.equal(collector.timerOf('ssh.service'), undefined)
  t.equal(collector.degraded?.(), undefined)
})

t.test('tells what changed while it was away', async (t) => {
  const root = t.testdir({ etc: { crontab: '@daily root a\n@daily root b\n' } })
  const first = scheduleCollector({ clock: fakeClock(0, 1), rootDir: root })
  const [batch] = await Array.fromAsync(first.batches(new AbortController().signal, NONE))
  const known: Schedule[] = JSON.parse(JSON.stringify(schedulesOf(batch?.events ?? [])))
  t.equal(known.length, 2)
  t.strictSame(await start(root, [], known).batches(), [[]], 'nothing')
  writeFileSync(join(root, 'etc/crontab'), '@daily root b\n@daily root c\n')
  t.strictSame(await start(root, [], known).batches(), [['creation c', 'deletion a']])
})

t.test('what may not be read is told with the remedy, and is not taken for gone', async (t) => {
  const spool = 'var/spool/cron/crontabs'
  const root = t.testdir({ var: { spool: { cron: { crontabs: { alice: '@daily a\n' } } } } })
  const isRoot = process.geteuid?.() === 0
  const close = () => {
    chmodSync(join(root, spool), 0)
    // Root may read everything, so it steps down for the look.
    if (isRoot) process.seteuid?.(65_534)
  }
  const open = () => {
    if (isRoot) process.seteuid?.(0)
    t.match(collector.degraded?.(), /^\/var\/spool\/cron\/crontabs: may not be read; run as root/)
    chmodSync(join(root, spool), 0o700)
  }
  const { collector, batches } = start(root, [close, open])
  t.strictSame(await batches(), [['found a']], 'neither gone nor new')
  t.equal(collector.degraded?.(), undefined)
})

t.test('a line that is no job is told, and counted once', async (t) => {
  const root = t.testdir({ etc: { crontab: '61 * * * * root a\n' } })
  const { collector, batches } = start(root, [() => undefined, () => undefined])
  t.strictSame(await batches(), [[]])
  t.equal(
    collector.degraded?.(),
    '/etc/crontab:1: no such minute: such a job does not run; correct or remove it',
  )
  t.match(collector.counters, { received: 1, emitted: 0, malformed: 1 })
})

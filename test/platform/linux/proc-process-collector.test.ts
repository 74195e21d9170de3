import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Batch, Clock } from '../../../platform/collector.ts'
import {
  processReader,
  procProcessCollector,
  readBootId,
  readProcess,
} from '../../../platform/linux/proc-process-collector.ts'
import { fakeClock } from '../../support/fake-clock.ts'

const none = { load: () => undefined }

const stat = (pid: number, name: string, startTicks: number, flags = 0) =>
  `${pid} (${name}) S 1 1 1 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 1 0 ${startTicks} 0 0\n`

function addProcess(procDir: string, pid: number, startTicks: number, exe = '/usr/bin/curl'): void {
  const dir = `${procDir}/${pid}`
  mkdirSync(dir, { recursive: true })
  writeFileSync(`${dir}/stat`, stat(pid, 'curl', startTicks))
  writeFileSync(`${dir}/status`, 'Uid:\t1000\t1000\t1000\t1000\n')
  writeFileSync(`${dir}/cmdline`, 'curl\0-T\0big\0')
  writeFileSync(`${dir}/loginuid`, '1001')
  writeFileSync(`${dir}/cgroup`, '0::/system.slice/backup.service\n')
  rmSync(`${dir}/exe`, { force: true })
  rmSync(`${dir}/cwd`, { force: true })
  symlinkSync(exe, `${dir}/exe`)
  symlinkSync('/srv', `${dir}/cwd`)
}

const fixture = (t: Test): string =>
  t.testdir({
    stat: 'btime 1000\n',
    loadavg: '0.00 0.00 0.05 1/81 100\n',
    passwd: 'ada:x:1000:1000::/:/bin/sh\n',
    net: {},
    sys: { kernel: { random: { boot_id: '166b5cde-98f1-4d05-a0cf-0e6d863d1be6\n' } } },
    2: { stat: stat(2, 'kthreadd', 0, 0x00200000) },
    40: {}, // went while it was read
  })

const collectorOf = (procDir: string, clock: Clock) =>
  procProcessCollector({ clock, procDir, passwdFile: `${procDir}/passwd` })

const run = async (procDir: string, clock: Clock) => {
  const collector = collectorOf(procDir, clock)
  const signal = new AbortController().signal
  const batches: Batch[] = await Array.fromAsync(collector.batches(signal, none))
  return { events: batches.flatMap(({ events }) => events), counters: collector.counters }
}

t.test('tells all that is known of a process that is found running', async (t) => {
  const procDir = fixture(t)
  addProcess(procDir, 50, 250)
  const { events, counters } = await run(procDir, fakeClock(9_000_000, 1))
  t.strictSame(events, [
    {
      kind: 'process-start',
      atMs: 9_000_000,
      dataset: 'linux.proc',
      process: {
        pid: 50,
        name: 'curl',
        parentPid: 1,
        startMs: 1_002_500,
        executable: '/usr/bin/curl',
        args: ['curl', '-T', 'big'],
        workingDirectory: '/srv',
        user: { id: '1000', name: 'ada' },
        loginUser: { id: '1001' },
        serviceUnit: 'backup.service',
      },
    },
  ])
  t.match(counters, { received: 3, emitted: 1, ignored: 2 })
})

t.test('tells new processes, gone ones and reused pids', async (t) => {
  const procDir = fixture(t)
  const lastPid = (pid: number): void =>
    writeFileSync(`${procDir}/loadavg`, `0.00 0.00 0.05 1/81 ${pid}\n`)
  addProcess(procDir, 50, 250)
  addProcess(procDir, 60, 260)
  addProcess(procDir, 31_000, 270)
  lastPid(31_000)
  const clock: Clock = {
    now: () => 0,
    async *ticks() {
      yield 1
      yield 2
      addProcess(procDir, 31_010, 900)
      rmSync(`${procDir}/50`, { recursive: true })
      lastPid(31_010)
      yield 3
      addProcess(procDir, 60, 990, '/usr/bin/scp')
      lastPid(62) // around once: 60 may be another one, 31000 is the old one
      yield 4
    },
  }
  const { events } = await run(procDir, clock)
  t.match(
    events.filter(({ atMs }) => atMs > 1),
    [
      { atMs: 3, kind: 'process-end', process: { pid: 50, startMs: 1_002_500 } },
      { atMs: 3, kind: 'process-start', process: { pid: 31_010, startMs: 1_009_000 } },
      { atMs: 4, kind: 'process-end', process: { pid: 60, startMs: 1_002_600 } },
      { atMs: 4, kind: 'process-start', process: { pid: 60, executable: '/usr/bin/scp' } },
    ],
  )
  t.equal(events.length, 7)
})

t.test('a pid that no new process can have is not read again', async (t) => {
  const procDir = fixture(t)
  addProcess(procDir, 50, 250)
  const clock: Clock = {
    now: () => 0,
    async *ticks() {
      yield 1
      addProcess(procDir, 50, 999) // cannot be: the last pid given out stays the same
      yield 2
    },
  }
  t.equal((await run(procDir, clock)).events.length, 1)
})

t.test('reads one process, and the boot', async (t) => {
  const procDir = fixture(t)
  addProcess(procDir, 50, 250)
  const reader = processReader({ procDir })
  t.match(reader.read(50), { pid: 50, executable: '/usr/bin/curl' })
  t.equal(reader.startMs(50), 1_002_500)
  t.equal(reader.read(2), undefined, 'a kernel thread')
  t.equal(reader.read(51), undefined, 'nobody')
  t.notOk(reader.isRefused)
  t.equal(readBootId(procDir), '166b5cde-98f1-4d05-a0cf-0e6d863d1be6')
  t.equal(readBootId('/nonexistent'), undefined)
})

t.test('reads this very process', { skip: process.platform !== 'linux' }, async (t) => {
  const self = readProcess(process.pid)
  t.match(self, { pid: process.pid, parentPid: process.ppid, workingDirectory: process.cwd() })
  const bornMs = Date.now() - process.uptime() * 1000
  t.ok(Math.abs((self?.startMs ?? 0) - bornMs) < 2_000, 'its start is right within 2 s')
})

t.test('without procfs the source is lost', async (t) => {
  await t.rejects(run('/nonexistent', fakeClock(0, 1)), {
    code: 'ERR_SOURCE_UNAVAILABLE',
    remedy: /mount/,
  })
})

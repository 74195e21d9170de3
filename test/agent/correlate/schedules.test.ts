import t from 'tap'
import { lineage } from '../../../agent/correlate/lineage.ts'
import { runOf } from '../../../agent/correlate/run.ts'
import { schedules } from '../../../agent/correlate/schedules.ts'
import type { Process, Schedule } from '../../../platform/event.ts'

const NOW = 1_700_000_000_000

function find(
  definitions: readonly Schedule[],
  chain: readonly Omit<Process, 'pid'>[],
  logged?: { readonly pid: number; readonly command: string; readonly scheduleId?: string },
) {
  const jobs = schedules()
  for (const schedule of definitions) {
    jobs.change({ kind: 'schedule-change', change: 'found', schedule, atMs: NOW, dataset: 'test' })
  }
  if (logged) {
    const { pid, command, scheduleId } = logged
    jobs.ran({
      kind: 'schedule-run',
      scheduler: scheduleId === undefined ? 'cron' : 'launchd',
      command,
      ...(scheduleId !== undefined && { scheduleId }),
      process: { pid },
      atMs: NOW,
      dataset: 'test',
    })
  }
  const all = lineage({ bootId: 'boot', maxProcesses: 100 })
  const started = chain.map((process, i) =>
    all.start({ parentPid: i, ...process, pid: i + 1 }, NOW + i),
  )
  return jobs.of(runOf(all.ancestry(started.at(-1) as (typeof started)[0])))
}

const INIT = { executable: '/usr/lib/systemd/systemd' }
const CRON = { executable: '/usr/sbin/cron' }
const CURL = { executable: '/usr/bin/curl', args: ['curl', 'http://192.0.2.1/'] }
const sh = (command: string, user?: Process['user']) => ({
  executable: '/bin/dash',
  args: ['/bin/sh', '-c', command],
  ...(user && { user }),
})
const cronLine = (id: string, command: string, user = 'root'): Schedule => ({
  ...{ id, scheduler: 'cron', trigger: '* * * * *', command },
  user: { name: user },
})

t.test('the crontab line is the one whose command cron hands its shell', async (t) => {
  const lines = [
    cronLine('a', '/opt/a.sh'),
    cronLine('b', '/opt/b.sh --fast'),
    cronLine('c', '/opt/b.sh'),
  ]
  t.equal(find(lines, [INIT, CRON, CRON, sh('/opt/b.sh --fast'), CURL])?.id, 'b')
  t.equal(find(lines, [INIT, CRON, sh('/opt/z.sh'), CURL]), undefined)
})

t.test('two users with the same line are told apart', async (t) => {
  const lines = [cronLine('a', 'x', 'ann'), cronLine('b', 'x', 'bob')]
  t.equal(find(lines, [INIT, CRON, sh('x', { name: 'bob' }), CURL])?.id, 'b')
})

t.test('below run-parts each script is a job of its own', async (t) => {
  const parts = 'cd / && run-parts --report /etc/cron.hourly'
  const lines = [cronLine('parts', parts), cronLine('upload', '/etc/cron.hourly/upload')]
  const runParts = {
    executable: '/usr/bin/run-parts',
    args: ['run-parts', '--report', '/etc/cron.hourly'],
  }
  const script = { executable: '/bin/dash', args: ['/bin/sh', '/etc/cron.hourly/upload'] }
  t.equal(find(lines, [INIT, CRON, sh(parts), runParts, script, CURL])?.id, 'upload')
})

t.test('the same command by hand is not the job', async (t) => {
  const bash = { executable: '/usr/bin/bash', args: ['-bash'] }
  t.equal(find([cronLine('a', '/opt/a.sh')], [INIT, bash, sh('/opt/a.sh'), CURL]), undefined)
})

t.test("a timer's job is known by its unit, or by init and its command line", async (t) => {
  const timer: Schedule = {
    ...{ id: 'up.timer', scheduler: 'systemd', trigger: 'OnCalendar=hourly' },
    ...{ command: '/opt/up.sh --all', unit: 'up.service' },
  }
  t.equal(find([timer], [INIT, { ...CURL, serviceUnit: 'up.service' }])?.id, 'up.timer')
  const script = { executable: '/bin/dash', args: ['/bin/sh', '/opt/up.sh', '--all'] }
  t.equal(find([timer], [INIT, script, CURL]), undefined, 'another command line')
  t.equal(find([{ ...timer, command: '/opt/up.sh' }], [INIT, script, CURL])?.id, 'up.timer')
})

t.test('a job of at is the one that was due, though its file is gone', async (t) => {
  const job: Schedule = {
    id: 'at1',
    scheduler: 'at',
    command: 'x',
    timing: { kind: 'once', atMs: NOW - 5_000 },
  }
  const atd = { executable: '/usr/sbin/atd' }
  t.equal(find([job], [INIT, atd, { executable: '/bin/dash', args: ['sh'] }, CURL])?.id, 'at1')
})

t.test('without a readable definition the log still tells that cron ran it', async (t) => {
  const found = find([], [INIT, CRON, sh('/opt/a.sh'), CURL], { pid: 3, command: '/opt/a.sh' })
  t.match(found, { scheduler: 'cron', command: '/opt/a.sh', trigger: undefined })
  t.equal(find([], [INIT, CRON, sh('x'), CURL], { pid: 99, command: 'y' }), undefined)
})

t.test('a job of launchd is known by its label, or by launchd and its command line', async (t) => {
  const launchd = { executable: '/sbin/launchd' }
  const shell = { executable: '/bin/bash', args: ['/bin/bash', '/opt/x.sh'] }
  const job: Schedule = { id: 'com.x', scheduler: 'launchd', command: '/bin/bash /opt/x.sh' }
  t.equal(find([job], [launchd, shell, CURL])?.id, 'com.x')
  const byHand = { executable: '/bin/zsh', args: ['-zsh'] }
  t.equal(find([job], [launchd, launchd, byHand, shell, CURL]), undefined)
  const run = { pid: 2, command: '', scheduleId: 'com.y' }
  t.match(find([], [launchd, shell, CURL], run), { id: 'com.y', scheduler: 'launchd' })
})

const TASK: Schedule = {
  ...{ id: '\\Sync', scheduler: 'task-scheduler', command: 'powershell.exe -File C:\\s.ps1' },
  user: { id: 'S-1-5-18' },
}
const SERVICE = {
  executable: 'C:\\Windows\\System32\\svchost.exe',
  commandLine: 'svchost.exe -k netsvcs -p -s Schedule',
}
const POWERSHELL = {
  executable: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  commandLine: '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.EXE" -File C:\\s.ps1',
}

t.test('a task is known by its command line below its service, and by no other', async (t) => {
  t.equal(find([TASK], [SERVICE, POWERSHELL])?.id, '\\Sync')
  const desktop = { executable: 'C:\\Windows\\explorer.exe', commandLine: 'explorer.exe' }
  t.equal(find([TASK], [desktop, POWERSHELL]), undefined, 'a person may run it, too')
  const several = { ...TASK, command: `C:\\first.exe & ${TASK.command}` }
  t.equal(find([several], [SERVICE, POWERSHELL])?.id, '\\Sync', 'one of its actions')
  const none = { ...TASK, command: '' }
  t.equal(find([none], [SERVICE, POWERSHELL]), undefined)
})

t.test('where the Task Scheduler names the task of a process, that counts', async (t) => {
  const twin = { ...TASK, id: '\\Twin' }
  const jobs = schedules()
  for (const schedule of [TASK, twin]) {
    jobs.change({ kind: 'schedule-change', change: 'found', schedule, atMs: NOW, dataset: 'test' })
  }
  jobs.ran({
    ...{ kind: 'schedule-run', scheduler: 'task-scheduler', scheduleId: '\\Twin', atMs: NOW },
    ...{ dataset: 'test', process: { pid: 2 } },
  })
  const all = lineage({ bootId: 'boot', maxProcesses: 100 })
  all.start({ ...SERVICE, pid: 1 }, NOW)
  const task = all.start({ ...POWERSHELL, pid: 2, parentPid: 1 }, NOW + 5)
  t.equal(jobs.of(runOf(all.ancestry(task)))?.id, '\\Twin')
})

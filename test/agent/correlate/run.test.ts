import t from 'tap'
import { lineage } from '../../../agent/correlate/lineage.ts'
import { runOf } from '../../../agent/correlate/run.ts'
import type { Process } from '../../../platform/event.ts'

/** The run of the last of these processes, each the child of the one before. */
function run(...chain: readonly Omit<Process, 'pid'>[]) {
  const all = lineage({ bootId: 'boot', maxProcesses: 100 })
  const started = chain.map((process, i) => all.start({ parentPid: i, ...process, pid: i + 1 }, i))
  return runOf(all.ancestry(started.at(-1) as (typeof started)[0]))
}
const INIT = { executable: '/usr/lib/systemd/systemd' }
const CRON = { executable: '/usr/sbin/cron' }
const CURL = { executable: '/usr/bin/curl', args: ['curl', '-T', 'x', 'http://192.0.2.1/'] }

t.test("cron's script is the actor, not its shell nor its tool", async (t) => {
  const sh = { executable: '/bin/dash', args: ['/bin/sh', '-c', '/opt/backup.sh'] }
  const script = { executable: '/bin/dash', args: ['/bin/sh', '/opt/backup.sh'] }
  const { actor, starter, processes } = run(INIT, CRON, CRON, sh, script, CURL)
  t.match({ actor, starter }, { actor: '/opt/backup.sh', starter: 'cron' })
  t.equal(processes.at(-1)?.images[0]?.args?.[1], '-c', 'the root is what cron started')
})

t.test('on a Mac atrun starts the jobs of at', async (t) => {
  const launchd = { executable: '/sbin/launchd' }
  t.match(run(launchd, { executable: '/usr/libexec/atrun' }, { executable: '/bin/sh' }, CURL), {
    starter: 'at',
    actor: '/usr/bin/curl',
  })
})

t.test('a command without a script is the program that connects', async (t) => {
  const sh = { executable: '/bin/dash', args: ['/bin/sh', '-c', 'curl -T x http://192.0.2.1/'] }
  t.equal(run(INIT, CRON, sh, CURL).actor, '/usr/bin/curl')
})

t.test("a person's shell begins a new run", async (t) => {
  const login = { executable: '/usr/sbin/sshd' }
  const shell = { executable: '/usr/bin/bash', args: ['-bash'] }
  const python = { executable: '/usr/bin/python3', args: ['python3', '/home/ann/x.py'] }
  const { actor, starter, processes } = run(INIT, login, shell, python)
  t.match({ actor, starter }, { actor: '/home/ann/x.py', starter: undefined })
  t.equal(processes.length, 1)
})

t.test('a script keeps its name when it ends in exec', async (t) => {
  const all = lineage({ bootId: 'boot', maxProcesses: 100 })
  all.start({ pid: 5, parentPid: 4, args: ['/bin/sh', '/opt/x.sh'] }, 0)
  const curl = all.start({ pid: 5, parentPid: 4, ...CURL }, 1)
  t.equal(runOf(all.ancestry(curl)).actor, '/opt/x.sh')
})

t.test('a service is named by its script, else by its program', async (t) => {
  t.equal(
    run(INIT, { executable: '/usr/sbin/chronyd', args: ['chronyd'] }).actor,
    '/usr/sbin/chronyd',
  )
  const node = { executable: '/usr/bin/node', args: ['node', '/srv/app.js'] }
  t.equal(run(INIT, node, CURL).actor, '/srv/app.js')
})

t.test('a process of which only the number is known has no actor', async (t) => {
  t.equal(run({}).actor, undefined)
})

const windows = (executable: string, commandLine: string) => ({ executable, commandLine })
const SCHEDULE = windows(
  'C:\\Windows\\System32\\svchost.exe',
  'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule',
)

t.test("below the Task Scheduler's service a run is a task's, named by its script", async (t) => {
  const cmd = windows('C:\\Windows\\System32\\cmd.exe', 'cmd.exe /c ""C:\\tools\\shell.cmd""')
  const curl = windows('C:\\Windows\\System32\\curl.exe', 'curl -T x http://192.0.2.1/')
  t.match(run(SCHEDULE, cmd, curl), { starter: 'task-scheduler', actor: 'C:\\tools\\shell.cmd' })
  const engine = windows('C:\\Windows\\System32\\taskeng.exe', 'taskeng.exe {GUID}')
  t.match(run(engine, curl), { starter: 'task-scheduler', actor: curl.executable })
  const shared = windows(SCHEDULE.executable, 'svchost.exe -k netsvcs')
  t.match(run(shared, curl), { starter: 'task-scheduler' })
})

t.test('another service, a desktop or a shell starts runs that are no task', async (t) => {
  const curl = windows('C:\\Windows\\System32\\curl.exe', 'curl -T x http://192.0.2.1/')
  for (const starter of [
    windows(SCHEDULE.executable, 'svchost.exe -k netsvcs -p -s BITS'),
    windows('C:\\Windows\\explorer.exe', 'C:\\Windows\\Explorer.EXE'),
    windows('C:\\Windows\\System32\\cmd.exe', '"C:\\Windows\\System32\\cmd.exe"'),
  ]) {
    const desktop = windows('C:\\Windows\\explorer.exe', 'explorer.exe')
    const { starter: found, processes } = run(SCHEDULE, desktop, starter, curl)
    t.equal(found, undefined, starter.commandLine)
    t.equal(processes.length, 1)
  }
})

/**
 * The whole agent with the senses of a Mac: programs that stand for those of macOS replay six hours of
 * two jobs of launchd, with times up to now, and fail in every way that a child process can.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'plist'
import t, { type Test } from 'tap'
import type { AgentStatus } from '../../../agent/control/status.ts'
import type { StoredAlert } from '../../../storage/alert.ts'
import { esloggerLine } from '../../support/eslogger-lines.ts'
import { type LaunchdRun, runLines, runLog } from '../../support/launchd-run.ts'
import { beginLine, logLine, upLine } from '../../support/log-lines.ts'
import { socketFolder } from '../../support/socket-folder.ts'
import { until } from '../../support/until.ts'

const skip = process.platform === 'win32' && 'needs a shell'

const MINUTE_MS = 60_000
const RUNS = 24
const QUARTER_MS = 15 * MINUTE_MS
const NOISE_LINES = 30_000
const SENT_BYTES = 40_000
const DROP_IP = '203.0.113.9'
const COLLECT = 'com.example.collect'
const COLLECT_FILE = `/Library/LaunchDaemons/${COLLECT}.plist`
const SYNC = 'com.example.notes.sync'
const SYNC_FILE = `/Users/ann/Library/LaunchAgents/${SYNC}.plist`
const SYNC_PROGRAM = '/Users/ann/.notes/sync'
/** A run cannot lie ahead of the clock, and the last one has just been. */
const FIRST_MS = Date.now() - (RUNS - 1) * QUARTER_MS - 20_000

const collectRun = (n: number): LaunchdRun => ({
  ...{ label: COLLECT, script: '/opt/collect.sh', startMs: FIRST_MS + n * QUARTER_MS },
  ...{ pid: 2_000 + 2 * n, socket: 100 + n, localPort: 50_000 + n, sentBytes: SENT_BYTES },
  destinationIp: DROP_IP,
})

const stamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '000000Z')
const localTime = (ms: number): string =>
  new Date(ms).toISOString().replace('T', ' ').replace('Z', '000+0000')

/** Each half hour, by Network.framework: the log has a mask where it talks to. */
function syncRun(n: number): { es: string[]; log: string[] } {
  const startMs = FIRST_MS + 5 * MINUTE_MS + n * 2 * QUARTER_MS
  const process = { pid: 5_000 + n, ppid: 1, uid: 501, startTime: stamp(startMs) }
  const exec = (ms: number, path: string, args: string[]) =>
    esloggerLine({ type: 'exec', time: stamp(startMs + ms), subject: { ...process, path }, args })
  const rest = { pid: process.pid, image: SYNC_PROGRAM }
  return {
    es: [
      exec(0, '/usr/libexec/xpcproxy', ['xpcproxy', SYNC]),
      exec(9, SYNC_PROGRAM, [SYNC_PROGRAM]),
    ],
    log: [
      beginLine(1, 'Hostname#38445e48:443', { ...rest, time: localTime(startMs + 50) }),
      upLine('1.1.1', 'IPv4#03906bbc:443', { ...rest, time: localTime(startMs + 90) }),
    ],
  }
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`

/** Which time a program is run, counted in a file beside it. */
const count = (name: string): string =>
  `cd "$(dirname "$0")"; echo >> ${name}.runs; n=$(wc -l < ${name}.runs | tr -d ' ')`
const wait = (name: string): string => `until [ -f go ]; do cat ${name}.idle; sleep 0.2; done`
const goOn = (name: string): string => `while :; do cat ${name}.idle; sleep 1; done`

const PROGRAMS: Readonly<Record<string, string>> = {
  // Dies with half a line, then lives.
  eslogger: `${count('eslogger')}
if [ "$n" = 1 ]; then
  head -c 40 eslogger.ndjson
  echo 'Failed to create ES client: not permitted (ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED)' >&2
  exit 1
fi
${wait('eslogger')}
cat eslogger.ndjson
${goOn('eslogger')}`,
  // Hangs, then floods with noise and with a line that does not end, then lives.
  log: `${count('log')}
echo 'Filtering the log data using "x"'
if [ "$n" = 1 ]; then exec sleep 100; fi
${wait('log')}
cat noise.ndjson
head -c 6000000 /dev/zero | tr '\\0' x; echo
cat log.ndjson
${goOn('log')}`,
  lsof: 'cat "$(dirname "$0")/lsof.txt"',
  // Hangs once.
  nettop: `${count('nettop')}
if [ "$n" = 1 ]; then exec sleep 100; fi
cat nettop.csv`,
  ps: `echo '    1     0     0  2-03:04:05 /sbin/launchd'
echo '  900     1   501       04:05 /Applications/Chat.app/Contents/MacOS/chat'`,
  launchctl: 'cd "$(dirname "$0")"; [ "$2" = system ] && exec cat launchctl.txt; exit 113',
  dscl: "printf 'ann 501\\nroot 0\\n'",
  sysctl: 'echo 2F4C1B6A-0000-4000-8000-1234567890AB',
}

function prepare(t: Test): string {
  const folder = socketFolder(t)
  const runs = Array.from({ length: RUNS }, (_, n) => collectRun(n))
  const syncs = Array.from({ length: RUNS / 2 }, (_, n) => syncRun(n))
  const noise = logLine({ message: 'SampleFunction: nothing of note', subsystem: 'com.x.noise' })
  const files: Record<string, string> = {
    'agent.yml': `collect: { macos: { schedules: { poll: 1s }, lsof: { poll: 1s }, nettop: { poll: 1s } } }\n`,
    'bin/eslogger.ndjson': lines([...runs.flatMap(runLines), ...syncs.flatMap(({ es }) => es)]),
    'bin/eslogger.idle': lines([esloggerLine({ type: 'open' })]),
    'bin/noise.ndjson': lines(Array.from({ length: NOISE_LINES }, () => noise)),
    'bin/log.ndjson': lines([...runs.flatMap(runLog), ...syncs.flatMap(({ log }) => log)]),
    'bin/log.idle': lines([noise]),
    'bin/lsof.txt': lines([
      ...['p900', 'R1', 'cchat', 'u501', 'Lann', 'f5', 'tIPv4', 'PTCP'],
      ...['n10.0.0.5:49000->198.51.100.7:443', 'TST=ESTABLISHED'],
    ]),
    'bin/nettop.csv': lines([
      'time,,interface,state,bytes_in,bytes_out,rx_dupe,rx_ooo,re-tx,rtt_avg,rcvsize,tx_win,tc_class,tc_mgt,cc_algo,P,C,R,W,arch,',
      '18:18:38.329546,chat.900,,,300,500,0,0,0,,,,,,,,,,,,',
      '18:18:38.329237,tcp4 10.0.0.5:49000<->198.51.100.7:443,en0,Established,300,500,0,0,0,,,,,,,,,,,so,',
    ]),
    'bin/launchctl.txt': `system = {\n\tservices = {\n\t\t0 - \t${COLLECT}\n\t}\n}\n`,
    [`root${COLLECT_FILE}`]: build({
      Label: COLLECT,
      ProgramArguments: ['/bin/bash', '/opt/collect.sh'],
      StartInterval: 900,
    }),
    [`root${SYNC_FILE}`]: build({ Label: SYNC, Program: SYNC_PROGRAM, StartInterval: 1800 }),
    'root/Library/LaunchAgents/com.example.cut.plist': '<?xml version="1.0"?>\n<plist><dict><key>',
  }
  for (const [name, text] of Object.entries(PROGRAMS)) files[`bin/${name}`] = `#!/bin/sh\n${text}\n`
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  for (const name of Object.keys(PROGRAMS)) chmodSync(join(folder, 'bin', name), 0o755)
  return folder
}

const repository = join(import.meta.dirname, '..', '..', '..')

function startAgent(t: Test, folder: string): ChildProcess {
  const log = openSync(join(folder, 'agent.log'), 'a')
  const agent = spawn(process.execPath, ['test/support/macos-agent.ts', folder, 'run'], {
    cwd: repository,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  t.teardown(async () => {
    if (agent.exitCode !== null) return
    const ended = new Promise((resolve) => agent.once('close', resolve))
    agent.kill('SIGKILL')
    await ended
  })
  return agent
}

/** Asked as a person would, by the command line; exit codes tell degraded and down. */
function ask<T>(folder: string, command: string): Partial<T> {
  const args = ['agent/main.ts', command, '--json', '--data-dir', join(folder, 'data')]
  try {
    const stdio: 'ignore' | 'pipe' = 'pipe'
    return JSON.parse(
      execFileSync(process.execPath, args, { cwd: repository, encoding: 'utf8', stdio }),
    )
  } catch (error) {
    return JSON.parse((error as { readonly stdout?: string }).stdout || '{}')
  }
}

t.test('jobs are found through all that befalls the programs', { skip }, async (t) => {
  t.setTimeout(110_000)
  const folder = prepare(t)
  const agent = startAgent(t, folder)
  const status = () => ask<AgentStatus>(folder, 'status')
  const collector = (dataset: string) =>
    status().collectors?.find((one) => one.dataset === `macos.${dataset}`)
  const told = () => readFileSync(join(folder, 'agent.log'), 'utf8')

  await until('the jobs are read', () => collector('schedules')?.counters.emitted === 2, 60_000)
  await until(
    'all three have failed',
    () => {
      const failed = ['eslogger: lost', 'unified_log: lost', 'nettop: lost']
      return failed.every((words) => told().includes(words))
    },
    60_000,
  )
  writeFileSync(join(folder, 'bin', 'go'), '')
  await until(
    'both series',
    () => (status().findings ?? []).reduce((sum, { beats }) => sum + beats, 0) >= 1.5 * RUNS,
    60_000,
  )

  t.test('each failure is said, with its remedy', async (t) => {
    const log = told()
    t.match(log, /eslogger: lost: .*\/eslogger: has no Full Disk Access; grant Full Disk Access to/)
    t.match(log, /unified_log: lost: .*\/log: printed nothing for 5 s; /)
    t.match(log, /nettop: lost: .*\/nettop: no answer in 5 s; /)
    t.match(log, /schedules: degraded: .*com\.example\.cut\.plist: /)
    for (const { dataset, state } of status().collectors ?? []) {
      t.equal(state, dataset === 'macos.schedules' ? 'degraded' : 'running', dataset)
    }
    t.match(collector('eslogger'), { restarts: 1, counters: { malformed: 1 } })
    const flooded = collector('unified_log')
    t.match(flooded, { restarts: 1, counters: { malformed: 1 } }, 'the line without end is counted')
    for (const name of ['lsof', 'nettop']) t.match(collector(name), { counters: { emitted: 1 } })
    t.ok((flooded?.counters.ignored ?? 0) >= NOISE_LINES, 'the flood went by')
  })

  t.test('the finding names job, plist, period, user and destination', async (t) => {
    const findings = status().findings ?? []
    t.match(
      findings.find(({ actor }) => actor === '/opt/collect.sh'),
      {
        form: /^every 15 min/,
        user: 'root',
        destination: `${DROP_IP}:443`,
        schedule: `launchd ${COLLECT_FILE}`,
        beats: RUNS,
        sentBytes: RUNS * SENT_BYTES,
        disposition: 'alert',
      },
    )
    t.match(
      findings.find(({ actor }) => actor === SYNC_PROGRAM),
      {
        form: /^every 30 min/,
        user: 'ann',
        destination: 'masked:Hostname#38445e48:443',
        schedule: `launchd ${SYNC_FILE}`,
        beats: RUNS / 2,
      },
      'a mask is a destination that recurs',
    )
  })

  t.test('and so does the alert', async (t) => {
    const alerts = ask<readonly StoredAlert[]>(folder, 'alerts') as readonly StoredAlert[]
    const documents = alerts.map(({ document }) => document)
    t.match(
      documents.find((document) => JSON.stringify(document).includes(COLLECT_FILE)),
      {
        user: { name: 'root' },
        destination: { ip: DROP_IP, port: 443 },
        tidewatch: {
          schedule: { scheduler: 'launchd', file: COLLECT_FILE, trigger: 'StartInterval=900' },
        },
        threat: { technique: { id: ['T1029', 'T1543'] } },
      },
    )
  })

  const ended = new Promise((resolve) => agent.once('exit', (code) => resolve(code)))
  agent.kill('SIGTERM')
  t.equal(await ended, 0, 'it stops clean, and leaves no program running')
})

/**
 * The main job on Windows, by wine: the whole agent under Node for Windows, reading the event log through
 * its real interface. Wine's own `wevtapi.dll` is a stub, so the test builds one (`wevtapi/`) that serves
 * what the test logs: records of EVTX recordings. The recorded task (`\eviltask`, every minute) runs a
 * recorded script that connects, again and again, amid all other recorded records; times, process ids and
 * parents are the test's. The agent is killed and started again in the middle.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openStoreReadOnly } from '../../storage/database.ts'
import { recordings, withoutRecordings } from '../support/recordings.ts'
import { until } from '../support/until.ts'
import { AGENT, appMounts, installEventLog, makeApp, NODE } from '../support/windows-app.ts'
import { type LogRecord, recordedLog, windowsLog } from '../support/windows-log.ts'
import { startWine, type WineProgram, withoutProgram, withoutWine } from '../support/wine.ts'

const MINUTE_MS = 60_000

t.setTimeout(10 * MINUTE_MS)

const SYSMON = 'Microsoft-Windows-Sysmon/Operational'
const TASKS = 'Microsoft-Windows-TaskScheduler/Operational'
const EVTX = 'windows-evtx'
const SCRIPT = `${EVTX}/sbousseaden-EVTX-ATTACK-SAMPLES/Execution/sysmon_vbs_sharpshooter_stageless_meterpreter.evtx`
const TASK = `${EVTX}/mdecrevoisier-EVTX-to-MITRE-Attack/TA0002-Execution/T1053.005-Scheduled Task/ID4688-4698 Persistent scheduled task with SYSTEM privileges creation.evtx`
const DATASETS = ['task_scheduler', 'sysmon', 'security', 'tasks'].map((name) => `windows.${name}`)
const PEER = '10.0.2.18:4443'
/** Runs before the agent's first start, while it runs, while it is away, and after. */
const RUNS = { before: 9, during: 3, away: 4, after: 4 }
const ALL_RUNS = Object.values(RUNS).reduce((sum, runs) => sum + runs, 0)

const skip =
  withoutWine() || withoutRecordings || withoutProgram('x86_64-w64-mingw32-gcc', 'mingw-w64')

t.test(
  'a task that beacons is found through a stop and a start',
  { skip, timeout: 600_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-wine-'))
    const wine = await startWine({
      folder,
      mounts: appMounts(),
      env: { WINEDLLOVERRIDES: 'mscoree,mshtml=;wevtapi=n' },
    })
    t.teardown(async () => {
      await wine.close()
      rmSync(folder, { recursive: true, force: true })
    })
    makeApp(folder)
    installEventLog(wine.driveC)
    const log = windowsLog(wine.driveC, [SYSMON, TASKS, 'Security'])
    const firstMs = Date.now() - (ALL_RUNS - 1) * MINUTE_MS
    const story = storyOf(firstMs)
    const tasksDir = join(wine.driveC, 'windows', 'system32', 'Tasks')
    mkdirSync(tasksDir, { recursive: true })
    const definition = `\ufeff${story.task.fields['TaskContent']}`
    writeFileSync(join(tasksDir, 'eviltask'), Buffer.from(definition, 'utf16le'))
    writeFileSync(
      join(folder, 'agent.yml'),
      'collect: { windows: { eventLog: { poll: 200ms } } }\n',
    )

    const options = ['--config', 'Z:\\mnt\\wine\\agent.yml', '--data-dir', 'C:\\data']
    const startAgent = (): WineProgram => wine.start([NODE, AGENT, 'run', ...options])
    const ask = async <T>(command: string): Promise<T> => {
      const program = wine.start([NODE, AGENT, command, '--json', ...options])
      await program.ended
      return JSON.parse(program.output() || '{}') as T
    }
    const ours = async (): Promise<Finding | undefined> =>
      (await ask<Status>('status')).findings?.find(({ destination }) => destination === PEER)
    const beats = async (count: number): Promise<void> => {
      const isSeen = async () => ((await ours())?.beats ?? 0) >= count
      await until(`${count} beats are seen`, isSeen, 2 * MINUTE_MS).catch((error: unknown) => {
        t.comment(agent.output())
        throw error
      })
    }
    /** As on a live host: the Task Scheduler tells of a run before Sysmon tells of its connection. */
    const logRuns = async (from: number, count: number): Promise<void> => {
      const records = Array.from({ length: count }, (_, i) => story.run(from + i)).flat()
      log.append(records.filter(({ channel }) => channel === TASKS))
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      log.append(records.filter(({ channel }) => channel !== TASKS))
    }

    log.append([...story.background, story.task])
    await logRuns(0, RUNS.before)
    let agent = startAgent()
    await beats(RUNS.before)
    await logRuns(RUNS.before, RUNS.during)
    const seen = RUNS.before + RUNS.during
    await beats(seen)
    const first = await ask<Status>('status')
    t.match(
      first.collectors?.map(({ dataset, state, counters }) => [dataset, state, counters.malformed]),
      DATASETS.map((dataset) => [dataset, 'running', 0]),
      'every source runs',
    )

    t.comment('the agent is killed, and misses runs')
    await wine.run(['taskkill', '/f', '/im', 'node.exe'])
    await agent.ended
    t.match(await ask('status'), { isRunning: false }, 'nobody answers on the pipe')
    await logRuns(seen, RUNS.away)
    agent = startAgent()
    await beats(seen + RUNS.away)
    await logRuns(seen + RUNS.away, RUNS.after)
    await beats(ALL_RUNS)

    const second = await ask<Status>('status')
    const sysmon = (status: Status) =>
      status.collectors?.find(({ dataset }) => dataset === 'windows.sysmon')?.counters.received
    const logged = story.background.filter(isReadOfSysmon).length + 2 * seen
    t.equal(sysmon(first), logged, 'each record is read once')
    t.equal(sysmon(second), 2 * (RUNS.away + RUNS.after), 'after the start only what is new')
    t.match(await ours(), {
      ...{ beats: ALL_RUNS, form: 'every minute', user: 'IEWIN7\\IEUser' },
      schedule: 'task-scheduler \\eviltask',
      actor: /\\updatevbs\.vbs$/,
    })
    const transfers = (second.store?.transfers ?? 0) - (first.store?.transfers ?? 0)
    t.equal(transfers, RUNS.away + RUNS.after, 'each connection is one transfer')
    const alerts = await ask<readonly { readonly document: AlertDocument }[]>('alerts')
    const [alert, ...others] = alerts.filter(
      ({ document }) => document.destination.ip === '10.0.2.18',
    )
    t.strictSame(others, [], 'one alert, through kill and start')
    t.match(alert?.document, {
      tidewatch: {
        ...{ period_ms: MINUTE_MS, beats: ALL_RUNS },
        risk_factors: ['started_by_schedule'],
      },
      threat: { technique: { id: ['T1029', 'T1053'] } },
    })
    t.comment(JSON.stringify(alert))

    t.comment('a log is cleared with what was not read, another one is switched off')
    log.clear(SYSMON, 1)
    log.disable('Security')
    await logRuns(ALL_RUNS, 1)
    const isRead = async () =>
      (await ask<Status>('status')).store?.transfers === (second.store?.transfers ?? 0) + 1
    await until('the run behind the clearing is read', isRead, MINUTE_MS)
    const stateOf = (status: Status, dataset: string) =>
      status.collectors?.find((one) => one.dataset === dataset)
    const isSaid = async () =>
      stateOf(await ask<Status>('status'), 'windows.security')?.state === 'degraded'
    await until('the log that is off is said', isSaid, MINUTE_MS)
    const last = await ask<Status>('status')
    t.match(stateOf(last, 'windows.security')?.reason, /switched off; .*wevtutil set-log Security/)
    t.match(stateOf(last, 'windows.sysmon'), { state: 'running', restarts: 0 })
    await wine.run(['taskkill', '/f', '/im', 'node.exe'])
    const store = openStoreReadOnly(join(wine.driveC, 'data'))
    const lastRunMs = firstMs + ALL_RUNS * MINUTE_MS
    t.match(
      store
        .gaps(0)
        .map(({ reason, fromMs, toMs }) => [reason, fromMs < lastRunMs, toMs > lastRunMs]),
      [['windows.sysmon: overrun', true, true]],
      'blind from the last record read to the first that is there',
    )
    store.close()
  },
)

interface Finding {
  readonly beats: number
  readonly destination: string
}
interface Status {
  readonly findings?: readonly Finding[]
  readonly collectors?: readonly {
    readonly dataset: string
    readonly state: string
    readonly reason?: string
    readonly restarts: number
    readonly counters: { readonly received: number; readonly malformed: number }
  }[]
  readonly store?: { readonly transfers: number }
}
interface AlertDocument {
  readonly destination: { readonly ip: string }
}

const isReadOfSysmon = ({ channel, eventId }: LogRecord): boolean =>
  channel === SYSMON && [1, 3, 5, 22].includes(eventId)

interface Story {
  readonly background: readonly LogRecord[]
  readonly task: LogRecord
  run(i: number): readonly LogRecord[]
}

/** What the log tells: the recorded task, its runs a minute apart, and all else that was recorded. */
function storyOf(firstMs: number): Story {
  const script = recordedLog(SCRIPT)
  const find = (records: readonly LogRecord[], id: number, pid?: string): LogRecord =>
    records.find(
      ({ eventId, fields }) => eventId === id && (!pid || fields['ProcessId'] === pid),
    ) as LogRecord
  const [start, connect] = [find(script, 1, '172'), find(script, 3, '172')]
  const task = find(recordedLog(TASK), 4698)
  const others = recordings(`${EVTX}/`)
    .filter(({ path }) => path.endsWith('.evtx') && path !== SCRIPT && path !== TASK)
    .flatMap(({ path }) => recordedLog(path))
    .filter(({ channel }) => channel === SYSMON || channel === 'Security')
  return {
    // Irregular: the squares of a step spread them.
    background: others
      .map((record, i) => stamped(record, firstMs - 1000 - ((i * i * 7919) % (20 * MINUTE_MS))))
      .sort((a, b) => a.createdMs - b.createdMs),
    task: stamped(task, firstMs - 1000),
    run(i) {
      const atMs = firstMs + i * MINUTE_MS + ((i * 377) % 900)
      const pid = String(5000 + i)
      const own = {
        ProcessId: pid,
        ProcessGuid: `{365ABB72-9C9D-5D04-0000-0010${String(i).padStart(4, '0')}0000}`,
      }
      const parent = {
        ParentProcessId: '1032',
        ParentProcessGuid: '{365ABB72-98E0-5D04-0000-0010AABB0000}',
        ParentImage: 'C:\\Windows\\System32\\svchost.exe',
        ParentCommandLine: 'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule',
      }
      // No EVTX recording has a 129: its fields are those that Microsoft documents.
      const ran: LogRecord = {
        ...task,
        ...{ provider: 'Microsoft-Windows-TaskScheduler', channel: TASKS, eventId: 129 },
        fields: { TaskName: '\\eviltask', Path: 'wscript.exe', ProcessID: pid, Priority: '32' },
      }
      return [
        stamped(ran, atMs),
        stamped({ ...start, fields: { ...start.fields, ...own, ...parent } }, atMs + 20),
        // Written 2 s after it was made, as it was in the recording.
        {
          ...stamped(
            { ...connect, fields: { ...connect.fields, ...own, SourcePort: String(49_200 + i) } },
            atMs + 400,
          ),
          createdMs: atMs + 2_400,
        },
      ]
    },
  }
}

/** The same at another time. */
function stamped(record: LogRecord, atMs: number): LogRecord {
  const utcTime = new Date(atMs).toISOString().replace('T', ' ').replace('Z', '')
  const fields = { ...record.fields, ...('UtcTime' in record.fields && { UtcTime: utcTime }) }
  return { ...record, createdMs: atMs, fields }
}

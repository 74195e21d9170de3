/**
 * Windows JSON as others recorded it: all of it is read, as many records of each kind as were counted,
 * and the beacons that are known to be in it come out of the events.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Connection, Event } from '../../../platform/event.ts'
import { windowsLinesReader } from '../../../platform/recordings/windows-json-reader.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import { recording, recordings, withoutRecordings } from '../../support/recordings.ts'

function read(path: string) {
  const events: Event[] = []
  const kinds = new Map<string, number>()
  const unread = { ignored: 0, malformed: 0 }
  const windows = windowsEvents()
  const reader = windowsLinesReader((record) => {
    const short = SHORT[record.provider] ?? record.provider
    const kind = `${short}:${record.eventId}`
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    const event = windows.read(record)
    if (typeof event === 'string') unread[event]++
    else events.push(event)
  })
  const bytes = readFileSync(recording(path))
  reader.push(path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  reader.end()
  return { events, kinds: Object.fromEntries(kinds), ...unread, counts: reader.counts }
}

const SHORT: Record<string, string> = {
  'Microsoft-Windows-Sysmon': 'Sysmon',
  'Microsoft-Windows-Security-Auditing': 'Security',
  'Microsoft-Windows-TaskScheduler': 'TaskScheduler',
}

/** `Sysmon:3=8 Security:5156=12 security:5156=3` as a number for each kind. */
function counted(text: string): Record<string, number> {
  const kinds: Record<string, number> = {}
  for (const [, log = '', id, n] of text.matchAll(/(\w+):(\d+)=(\d+)/g)) {
    const kind = `${log === 'security' ? 'Security' : log}:${id}`
    kinds[kind] = (kinds[kind] ?? 0) + Number(n)
  }
  return kinds
}

/** NXLog lost the pid, and the message that would tell it. */
const WITHOUT_PID = new Map([['empire_schtasks_creation_standard_user_2020-09-21031526', 6]])

t.test('every file', { skip: withoutRecordings }, async (t) => {
  const files = recordings('windows-json/').filter(({ counts }) => counts !== '')
  t.ok(files.length >= 20)
  for (const { path, counts } of files) {
    const got = read(path)
    const records = Object.values(counted(counts)).reduce((a, b) => a + b, 0)
    t.strictSame(got.counts, { rows: records, records, ignored: 0, malformed: 0 }, path)
    t.strictSame(got.kinds, counted(counts), path)
    t.equal(got.events.length + got.ignored + got.malformed, records, path)
    const lost = [...WITHOUT_PID].find(([name]) => path.includes(name))?.[1] ?? 0
    t.equal(got.malformed, lost, path)
  }
})

interface Beacon {
  readonly file: string
  readonly program: string
  readonly to: string
  readonly connections: number
  readonly seconds: number
}

const BEACONS: readonly Beacon[] = [
  {
    file: 'empire_dllinjection_LoadLibrary_CreateRemoteThread_2020-07-22000048.filtered.ndjson.gz',
    program: 'powershell.exe',
    to: '10.10.10.5:80',
    connections: 51,
    seconds: 5.11,
  },
  {
    file: 'empire_monologue_netntlm_downgrade_2019-12-25045202.filtered.ndjson',
    program: 'powershell.exe',
    to: '172.18.39.8:80',
    connections: 23,
    seconds: 5.08,
  },
  {
    file: 'empire_enable_rdp_2019-05-18203650.filtered.ndjson.gz',
    program: 'notepad.exe',
    to: '10.0.10.106:443',
    connections: 14,
    seconds: 5.08,
  },
  {
    file: 'empire_wdigest_downgrade_2019-05-18201922.filtered.ndjson',
    program: 'notepad.exe',
    to: '10.0.10.106:443',
    connections: 17,
    seconds: 5.08,
  },
]

const isSysmon = (event: Event): event is Connection =>
  event.kind === 'connection' && event.dataset === 'windows.sysmon'

t.test('beacons', { skip: withoutRecordings }, async (t) => {
  for (const { file, program, to, connections, seconds } of BEACONS) {
    const { events } = read(`windows-json/OTRF-Security-Datasets/${file}`)
    const times = events
      .filter(isSysmon)
      .filter(({ process }) => process?.executable?.endsWith(`\\${program}`))
      .filter(({ destination: { ip, port } }) => `${ip}:${port}` === to)
      .map(({ atMs }) => atMs)
      .sort((a, b) => a - b)
    const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? atMs))
    const median = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? 0
    t.equal(times.length, connections, `${file}: ${program} to ${to}`)
    t.equal((median / 1000).toFixed(2), seconds.toFixed(2), file)
    const close = gaps.filter((gap) => Math.abs(gap - median) < 0.05 * median)
    t.ok(close.length >= 0.94 * gaps.length, `${file}: ${close.length} of ${gaps.length} near it`)
  }
})

t.test('a task that was made to run a hidden program', { skip: withoutRecordings }, async (t) => {
  const name = 'empire_schtasks_creation_standard_user_2020-09-21031526.filtered.ndjson'
  const { events } = read(`windows-json/OTRF-Security-Datasets/${name}`)
  const made = events.filter((event) => event.kind === 'schedule-change')
  t.match(made, [
    { dataset: 'windows.task_scheduler', schedule: { id: '\\MordorSchtask', command: '' } },
    {
      dataset: 'windows.security',
      schedule: { id: '\\MordorSchtask', timing: { kind: 'calendar', patterns: ['0 0 9 * * *'] } },
    },
  ])
})

t.test('a task whose definition Windows cut short', { skip: withoutRecordings }, async (t) => {
  const name = 'schtask_modification_2020-12-1907505969.filtered.ndjson'
  const { events } = read(`windows-json/OTRF-Security-Datasets/${name}`)
  const changed = events.filter((event) => event.kind === 'schedule-change')
  t.ok(
    changed.some(({ schedule }) => schedule.command.startsWith('powershell -noP -sta -w 1 -enc')),
  )
  const runs = events.filter((event) => event.kind === 'schedule-run')
  t.strictSame(
    runs.map(({ process }) => process?.pid),
    [1532, 1532],
  )
})

/**
 * What the store takes in a second, through `record()` into a real file: raw events, and transfers
 * into series; beside it the `sqlite3` shell's `.import` of the same observations and series into
 * the same schema, in one transaction and without looking for what is there.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import type { Event } from '../../platform/event.ts'
import { openStore } from '../../storage/database.ts'
import { databasePath } from '../../storage/folder.ts'
import type { SeriesObservation, Store } from '../../storage/store.ts'

const EVENTS = 100_000
const EVENTS_A_BATCH = 500
const TRANSFERS = 100_000
const TRANSFERS_A_BATCH = 200
const SERIES = 10_000
const ROUNDS = 3
const START_MS = 1_767_225_600_000

export interface StoreFigures {
  readonly eventsPerSecond: number
  /** In the ring, compressed. */
  readonly bytesPerEvent: number
  readonly transfersPerSecond: number
  /** Observations a second of `sqlite3 .import`; `undefined` where it is not installed. */
  readonly importedPerSecond?: number
}

/** Medians of three runs, some ten seconds in all. */
export function benchStore(): StoreFigures {
  const runs = Array.from({ length: ROUNDS }, benchOnce)
  const imported = runs.flatMap(({ importedPerSecond }) => importedPerSecond ?? [])
  return {
    eventsPerSecond: median(runs.map((run) => run.eventsPerSecond)),
    bytesPerEvent: median(runs.map((run) => run.bytesPerEvent)),
    transfersPerSecond: median(runs.map((run) => run.transfersPerSecond)),
    ...(imported.length === 0 ? {} : { importedPerSecond: median(imported) }),
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function benchOnce(): StoreFigures {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  const store = openStore({ folder })
  try {
    const events = batchesOf(EVENTS, EVENTS_A_BATCH, eventAt)
    const eventSeconds = seconds(() => {
      events.forEach((batch, i) => {
        store.record({ events: batch, bookmarks: new Map([['linux.audit', `${i}`]]) })
      })
    })
    const transfers = batchesOf(TRANSFERS, TRANSFERS_A_BATCH, transferAt)
    const transferSeconds = seconds(() => recordAll(store, transfers))
    const eventBytes = readEventBytes(folder)
    store.close()
    const importSeconds = importSame(folder)
    return {
      eventsPerSecond: EVENTS / eventSeconds,
      bytesPerEvent: eventBytes / EVENTS,
      transfersPerSecond: TRANSFERS / transferSeconds,
      ...(importSeconds === undefined ? {} : { importedPerSecond: TRANSFERS / importSeconds }),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function recordAll(store: Store, batches: readonly (readonly SeriesObservation[])[]): void {
  batches.forEach((observations, i) => {
    store.record({ observations, bookmarks: new Map([['linux.audit', `${i}`]]) })
  })
}

function seconds(work: () => void): number {
  const from = performance.now()
  work()
  return (performance.now() - from) / 1_000
}

const batchesOf = <T>(total: number, size: number, make: (i: number) => T): T[][] =>
  Array.from({ length: total / size }, (_, batch) =>
    Array.from({ length: size }, (_, i) => make(batch * size + i)),
  )

/** Half processes, half their connections, as an audit source tells them. */
function eventAt(i: number): Event {
  const process = { pid: 1_000 + (i >> 1), parentPid: 900 + (i % 97), user: { id: `${i % 7}` } }
  const observed = { atMs: START_MS + i * 3, dataset: 'linux.audit' }
  if (i % 2 === 0) {
    const args = [
      'curl',
      '-sT',
      `/var/backups/${(i * 7_919) % 9_973}.tgz`,
      `https://n${i % 89}.example/`,
    ]
    const executable = '/usr/bin/curl'
    return { kind: 'process-start', ...observed, process: { ...process, executable, args } }
  }
  return {
    kind: 'connection',
    phase: 'start',
    ...observed,
    transport: 'tcp',
    destination: { ip: `203.0.${i % 113}.${(i * 31) % 251}`, port: 443 },
    process: { ...process, executable: '/usr/bin/curl', name: 'curl' },
  }
}

/** Ten beats of each series, in an order in which no two of one batch are neighbors. */
function transferAt(i: number): SeriesObservation {
  const n = (i * 7_919) % SERIES
  const atMs = START_MS + Math.floor(i / SERIES) * 60_000 + (n % 60_000)
  const lineage = ['curl', 'backup.sh', 'cron', 'systemd'].map((name, depth) => ({
    entityId: `${n}-${depth}-8f14e45fceea167a`,
    pid: 4_000 + n - depth,
    executable: `/usr/bin/${name}`,
    args: [name, '--quiet'],
  }))
  return {
    identity: {
      key: `series-${n}`,
      actor: `/opt/jobs/${n}/backup.sh`,
      userId: '1000',
      destinationIp: `203.0.${n % 113}.${n % 251}`,
      destinationDomain: `backup-${n}.example.net`,
      destinationPort: 443,
      transport: 'tcp',
    },
    observation: { atMs, sentBytes: 10_000 + (i % 5_000), receivedBytes: 512, connections: 1 },
    context: JSON.stringify({ lineage }),
  }
}

function readEventBytes(folder: string): number {
  const db = new Database(databasePath(folder), { readonly: true })
  const bytes = db.prepare('SELECT event_bytes FROM total').pluck().get() as number
  db.close()
  return bytes
}

/** @returns `undefined` where there is no `sqlite3` */
function importSame(folder: string): number | undefined {
  if (spawnSync('sqlite3', ['--version']).status !== 0) return undefined
  const path = databasePath(folder)
  const columns =
    'id, key, first_seen_ms, oldest_ms, last_seen_ms, kept, total, interest, identity, context'
  for (const [table, what] of [
    ['series', columns],
    ['observation', '*'],
  ]) {
    const csv = execFileSync('sqlite3', ['-csv', path, `SELECT ${what} FROM ${table}`], {
      maxBuffer: 2 ** 30,
    })
    writeFileSync(join(folder, `${table}.csv`), csv)
  }
  const target = join(folder, 'import')
  openStore({ folder: target }).close()
  const script = [
    'PRAGMA synchronous = NORMAL;',
    'BEGIN;',
    '.mode csv',
    `.import ${join(folder, 'series.csv')} series`,
    `.import ${join(folder, 'observation.csv')} observation`,
    'COMMIT;',
  ]
  return seconds(() => {
    execFileSync('sqlite3', [databasePath(target)], { input: script.join('\n') })
  })
}

if (import.meta.main) {
  const round = (value: number) => Math.round(value).toLocaleString('en')
  const figures = benchStore()
  const { importedPerSecond } = figures
  const beside =
    importedPerSecond === undefined
      ? 'no sqlite3 here'
      : `${round(importedPerSecond)} observations/s`
  process.stdout.write(
    `record(), events           ${round(figures.eventsPerSecond)} /s, ${round(figures.bytesPerEvent)} bytes each\n` +
      `record(), transfers        ${round(figures.transfersPerSecond)} /s\n` +
      `sqlite3 .import, the same  ${beside}\n`,
  )
}

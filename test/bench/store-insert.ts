/**
 * What the store takes in a second, through `record()` into a real file: raw events; transfers that
 * each begin a series; and transfers of known series. Beside each of the two the `sqlite3` shell's
 * `.import` of the same rows as they stand in the end, in the order in which they came, into the same
 * schema with its indexes, with the same page cache and in the same transactions. `record` does more
 * for them: it finds the series, writes with each transfer the text that only the last one of a series
 * still has in the end, and with each batch its bookmark and the totals.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import { textOf } from '../../agent/correlate/transfer-text.ts'
import type { Event } from '../../platform/event.ts'
import { openStore } from '../../storage/database.ts'
import { databasePath } from '../../storage/folder.ts'
import type { SeriesObservation, Store } from '../../storage/store.ts'

const EVENTS = 100_000
const EVENTS_A_BATCH = 500
const TRANSFERS = 100_000
const TRANSFERS_A_BATCH = 200
/** Of which known transfers are, fifty each: a busy host has fewer. */
const SERIES = 2_000
const ROUNDS = 3
const START_MS = 1_767_225_600_000

export interface StoreFigures {
  readonly eventsPerSecond: number
  /** In the ring, compressed. */
  readonly bytesPerEvent: number
  /** Transfers a second that each begin a series. */
  readonly begin: Beside
  /** Transfers a second of known series. */
  readonly repeat: Beside
}

interface Beside {
  readonly perSecond: number
  /** Of `sqlite3 .import`; `undefined` where it is not installed. */
  readonly importedPerSecond?: number
}

/** Medians of three runs, some twenty seconds in all. */
export function benchStore(): StoreFigures {
  const events = Array.from({ length: ROUNDS }, benchEvents)
  return {
    eventsPerSecond: median(events.map((run) => run.perSecond)),
    bytesPerEvent: median(events.map((run) => run.bytesPerEvent)),
    begin: medianBeside(Array.from({ length: ROUNDS }, () => benchTransfers(TRANSFERS))),
    repeat: medianBeside(Array.from({ length: ROUNDS }, () => benchTransfers(SERIES))),
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function medianBeside(runs: readonly Beside[]): Beside {
  const imported = runs.flatMap(({ importedPerSecond }) => importedPerSecond ?? [])
  return {
    perSecond: median(runs.map((run) => run.perSecond)),
    ...(imported.length > 0 && { importedPerSecond: median(imported) }),
  }
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function benchEvents(): { perSecond: number; bytesPerEvent: number } {
  return inFolder((folder) => {
    const store = openStore({ folder })
    const batches = batchesOf(EVENTS, EVENTS_A_BATCH, eventAt)
    const taken = seconds(() => {
      batches.forEach((events, i) => {
        store.record({ events, bookmarks: new Map([['linux.audit', `${i}`]]) })
      })
    })
    store.close()
    return { perSecond: EVENTS / taken, bytesPerEvent: readEventBytes(folder) / EVENTS }
  })
}

/** Seconds to record so many transfers of known series. */
export function transfersSeconds(transfers: number): number {
  return inFolder((folder) => {
    const store = openStore({ folder })
    const batches = batchesOf(transfers, TRANSFERS_A_BATCH, (i) => transferAt(i, SERIES))
    const taken = seconds(() => recordAll(store, batches))
    store.close()
    return taken
  })
}

/** @param series that the transfers are of; those that begin one are as many as transfers */
function benchTransfers(series: number): Beside {
  return inFolder((folder) => {
    const store = openStore({ folder })
    const transfers = batchesOf(TRANSFERS, TRANSFERS_A_BATCH, (i) => transferAt(i, series))
    const taken = seconds(() => recordAll(store, transfers))
    store.close()
    const imported = importSame(folder, transfers)
    return {
      perSecond: TRANSFERS / taken,
      ...(imported !== undefined && { importedPerSecond: TRANSFERS / imported }),
    }
  })
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

/** Beats of each series in turn, in the order of time; no two of one batch are neighbors. */
function transferAt(i: number, series: number): SeriesObservation {
  const n = (i * 7_919) % series
  const atMs = START_MS + i * 10
  const names = ['curl', 'backup.sh', 'cron', 'systemd']
  const text = textOf({
    ...{ seriesKey: `series-${n}`, startMs: atMs, endMs: atMs, connections: 1 },
    ...{ destination: { ip: `203.0.${n % 113}.${n % 251}`, port: 443 }, datasets: ['linux.audit'] },
    lineage: names.map((name, depth) => ({
      ...{ entityId: `${i}-${depth}-8f14e45fceea167a`, pid: 4_000 + i - depth, startMs: atMs },
      ...{ executable: `/usr/bin/${name}`, args: [name, '--quiet'] },
    })),
  })
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
    ...text,
  }
}

function readEventBytes(folder: string): number {
  const db = new Database(databasePath(folder), { readonly: true })
  const bytes = db.prepare('SELECT event_bytes FROM total').pluck().get() as number
  db.close()
  return bytes
}

/** @returns seconds; `undefined` where there is no `sqlite3` */
function importSame(
  folder: string,
  batches: readonly (readonly SeriesObservation[])[],
): number | undefined {
  if (spawnSync('sqlite3', ['--version']).status !== 0) return undefined
  const db = new Database(databasePath(folder), { readonly: true })
  const rowsOf = (table: string) => db.prepare<[], unknown[]>(`SELECT * FROM ${table}`).raw().all()
  const series = new Map(rowsOf('series').map((row) => [row[1], row]))
  const observations = new Map(rowsOf('observation').map((row) => [`${row[0]} ${row[1]}`, row]))
  db.close()
  const observationOf = ({ identity, observation }: SeriesObservation) =>
    observations.get(`${series.get(identity.key)?.[0]} ${observation.atMs}`) ?? []
  const begun = new Set<string>()
  const script = ['PRAGMA synchronous = NORMAL;', 'PRAGMA cache_size = -8192;', '.mode csv']
  const put = (table: string, batch: number, tableRows: readonly (readonly unknown[])[]): void => {
    if (tableRows.length === 0) return
    const path = join(folder, `${table}-${batch}.csv`)
    writeFileSync(path, tableRows.map((row) => `${row.map(csvCell).join(',')}\n`).join(''))
    script.push(`.import ${path} ${table}`)
  }
  for (const [i, batch] of batches.entries()) {
    const keys = batch.map(({ identity }) => identity.key).filter((key) => !begun.has(key))
    for (const key of keys) begun.add(key)
    script.push('BEGIN;')
    put(
      'series',
      i,
      [...new Set(keys)].map((key) => series.get(key) ?? []),
    )
    put('observation', i, batch.map(observationOf))
    script.push('COMMIT;')
  }
  const target = join(folder, 'import')
  openStore({ folder: target }).close()
  return seconds(() => {
    execFileSync('sqlite3', [databasePath(target)], { input: script.join('\n') })
  })
}

/** Nothing is text of no length to it, which only a text column takes. */
const csvCell = (value: unknown): string =>
  value === null ? '' : typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : `${value}`

if (import.meta.main) {
  const round = (value = Number.NaN) => Math.round(value).toLocaleString('en')
  const { eventsPerSecond, bytesPerEvent, begin, repeat } = benchStore()
  process.stdout.write(
    `record(), events                  ${round(eventsPerSecond)} /s, ${round(bytesPerEvent)} bytes each\n` +
      `record(), each begins a series    ${round(begin.perSecond)} /s\n` +
      `sqlite3 .import, the same rows    ${round(begin.importedPerSecond)} /s\n` +
      `record(), of known series         ${round(repeat.perSecond)} /s\n` +
      `sqlite3 .import, the same rows    ${round(repeat.importedPerSecond)} /s\n`,
  )
}

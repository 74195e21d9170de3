/**
 * The store on one SQLite connection: a batch is one transaction over all tables, so that a bookmark
 * never runs ahead of what it stands for.
 *
 * The file is kept below its bound by evicting before a batch is written, in the same transaction:
 * first the oldest raw events, then the least interesting series.
 */
import { statSync } from 'node:fs'
import type { Database, Statement } from 'better-sqlite3'
import { codeOf } from '../platform/errors.ts'
import type { EpochMs, Event } from '../platform/event.ts'
import type { Checkpoints } from './checkpoint.ts'
import { DeadLetters } from './dead-letters.ts'
import { type EncodedEvents, EventRing, encodeEvents } from './event-ring.ts'
import { Facts } from './facts.ts'
import { GapStore } from './gap-store.ts'
import { schemaVersion } from './migrate.ts'
import { Outbox } from './outbox.ts'
import type { Series } from './series.ts'
import { SeriesStore } from './series-store.ts'
import type { Store, StoreBatch, StoreStats } from './store.ts'
import { toStoreError } from './store-error.ts'
import { Totals } from './totals.ts'

export interface StoreBounds {
  /** Of the database file; its WAL comes on top. */
  readonly maxBytes: number
  /** Of the raw events in it, compressed. */
  readonly maxEventBytes: number
  readonly maxSeries: number
  /** Of one series. */
  readonly maxObservations: number
  readonly maxAlerts: number
  readonly maxDeadLetters: number
  readonly maxGaps: number
}

export const DEFAULT_BOUNDS: StoreBounds = {
  maxBytes: 512 * 2 ** 20,
  /** Half: the rest is for series, which the detector lives on. */
  maxEventBytes: 256 * 2 ** 20,
  maxSeries: 100_000,
  /** Six weeks of an hourly job, two years of a nightly one. */
  maxObservations: 1_024,
  maxAlerts: 10_000,
  maxDeadLetters: 1_000,
  maxGaps: 1_000,
}

/** Pages that a transaction may need beside its rows: splits of interior pages, small tables. */
const SPARE_PAGES = 64
/**
 * Of the file: what a batch is given at first. The estimate of its pages is high, and what is evicted
 * for it is gone; a batch that does need more is tried again with all of it.
 */
const MODEST_RATIO = 1 / 8
/** Series evicted in one step when the file is full and the ring is empty. */
const SERIES_A_STEP = 256

export function sqliteStore(
  db: Database,
  bounds: StoreBounds,
  checkpoints: Checkpoints,
  release: () => void,
): Store {
  const totals = new Totals(db)
  const ring = new EventRing(db, totals, bounds.maxEventBytes)
  const series = new SeriesStore(db, totals, bounds)
  const outbox = new Outbox(db, totals, bounds.maxAlerts)
  const deadLetters = new DeadLetters(db, bounds.maxDeadLetters)
  const gaps = new GapStore(db, bounds.maxGaps)
  const facts = new Facts(db)
  const room = pageRoom(db, bounds.maxBytes)

  /** Runs `work` as one transaction, and turns what SQLite says into our errors. */
  const transact = (work: () => void): void => {
    try {
      checkpoints.around(
        db.transaction(() => {
          work()
          totals.save()
        }).immediate,
      )
    } catch (error) {
      if (db.open && !db.readonly) totals.reload()
      series.rolledBack()
      throw toStoreError(db.name, error)
    }
  }

  const makeRoom = (pages: number): void => {
    while (room.missing(pages) > 0) {
      if (ring.evict(room.missing(pages) * room.pageBytes) > 0) continue
      if (series.evict(SERIES_A_STEP) === 0) return
    }
  }

  const write = (batch: StoreBatch, rows: readonly EncodedEvents[], pages: number): void =>
    transact(() => {
      makeRoom(pages)
      ring.append(rows)
      series.observe(batch.observations ?? [])
      gaps.put(batch.gaps ?? [])
      for (const finding of batch.findings ?? []) {
        // An evicted series takes its finding along, and none comes back without it.
        const isKept = series.markRecurring(finding.seriesKey, finding.verdict === 'recurring')
        if (isKept) facts.putFinding(finding)
      }
      series.evictOver()
      if (batch.alerts !== undefined && batch.alerts.length > 0) outbox.put(batch.alerts)
      facts.putSchedules(batch.schedules ?? [], batch.forgottenSchedules ?? [])
      for (const [dataset, position] of batch.bookmarks ?? []) {
        facts.putBookmark(dataset, position)
      }
    })

  return {
    record(batch) {
      const rows = encodeEvents(batch.events ?? [])
      const pages = pagesOf(batch, rows, room.pageBytes)
      const modest = Math.min(pages, Math.ceil(room.maxPages * MODEST_RATIO))
      try {
        write(batch, rows, modest)
      } catch (error) {
        if (codeOf(error) !== 'ERR_STORE_FULL' || pages === modest) throw error
        write(batch, rows, pages)
      }
    },
    events: (fromMs, toMs): Iterable<Event> => ring.events(fromMs, toMs),
    bookmark: (dataset) => facts.bookmark(dataset),
    series(key): Series | undefined {
      const stored = series.get(key)
      if (stored === undefined) return undefined
      const sinceMs: EpochMs = stored.observations[0]?.atMs ?? stored.firstSeenMs
      return { ...stored, gaps: gaps.since(sinceMs) }
    },
    totalObservations: (key) => series.total(key),
    seriesKeys: () => series.keys(),
    gaps: (sinceMs) => gaps.since(sinceMs),
    finding: (seriesKey) => facts.finding(seriesKey),
    findings: (limit) => facts.findings(limit),
    schedules: () => facts.schedules(),
    alert: (id) => outbox.get(id),
    alerts: (limit) => outbox.newest(limit),
    setOutputs: (names) => transact(() => outbox.setOutputs(names)),
    unsentAlerts: (output, limit) => outbox.unsent(output, limit),
    markSent: (output, sent) => transact(() => outbox.markSent(output, sent)),
    markRejected: (output, rejected, atMs) =>
      transact(() => {
        for (const document of outbox.settleRejected(output, rejected)) {
          deadLetters.put({ ...document, output, atMs })
        }
      }),
    deadLetters: (limit) => deadLetters.newest(limit),
    note: (name) => facts.note(name),
    setNote: (name, value) => transact(() => facts.putNote(name, value)),
    stats(): StoreStats {
      const counts = totals.stored()
      const oldestTransferMs = series.oldestMs()
      return {
        schemaVersion: schemaVersion(db),
        sizeBytes: room.fileBytes() + walBytes(db),
        maxBytes: bounds.maxBytes,
        events: counts.events,
        ...ring.span(),
        series: counts.series,
        transfers: counts.observations,
        ...(oldestTransferMs !== undefined && {
          ...{ oldestTransferMs, newestTransferMs: counts.newestMs },
        }),
        findings: facts.findingCounts(),
        alerts: outbox.counts(),
        deadLetters: deadLetters.count(),
        evictedEvents: counts.evictedEvents,
        evictedSeries: counts.evictedSeries,
        evictedAlerts: counts.evictedAlerts,
      }
    },
    close() {
      checkpoints.close()
      release()
    },
  }
}

interface PageRoom {
  readonly pageBytes: number
  readonly maxPages: number
  fileBytes(): number
  /** How many of `pages` neither the bound nor the free pages of the file can give. */
  missing(pages: number): number
}

function pageRoom(db: Database, maxBytes: number): PageRoom {
  const pageBytes = db.pragma('page_size', { simple: true }) as number
  const maxPages = Math.floor(maxBytes / pageBytes)
  const used: Statement<[], number> = db.prepare<[], number>('PRAGMA page_count').pluck()
  const free: Statement<[], number> = db.prepare<[], number>('PRAGMA freelist_count').pluck()
  return {
    pageBytes,
    maxPages,
    fileBytes: () => (used.get() ?? 0) * pageBytes,
    missing: (pages) => pages - (maxPages - (used.get() ?? 0) + (free.get() ?? 0)),
  }
}

/** More pages than the batch can take: each observation may split its page and its series'. */
function pagesOf(
  { observations = [], alerts = [], findings = [], schedules = [] }: StoreBatch,
  rows: readonly { readonly body: Buffer }[],
  pageBytes: number,
): number {
  const pagesFor = (bytes: number) => 1 + Math.ceil(bytes / pageBytes)
  let pages = SPARE_PAGES + 2 * schedules.length
  for (const { body } of rows) pages += pagesFor(body.length)
  for (const { context = '', latest = '' } of observations) {
    pages += 1 + pagesFor(context.length + latest.length)
  }
  for (const { document } of alerts) pages += pagesFor(document.length)
  for (const { detail } of findings) pages += pagesFor(detail.length)
  return pages
}

function walBytes(db: Database): number {
  return db.memory ? 0 : (statSync(`${db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0)
}

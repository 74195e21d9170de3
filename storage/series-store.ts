/**
 * Series and their observations, bounded both ways: a series keeps its newest observations, and the
 * least interesting series go first when there are too many.
 *
 * An observation is a row of its own, clustered by series and time, and the newest of a series holds
 * what is that transfer's own: so the next transfer of a known series writes to one page, and
 * what can be counted of its observations stands nowhere else. A packed blob for each series was
 * measured and writes at half the speed once a series is 200 observations long.
 */
import type { Database } from 'better-sqlite3'
import type { EpochMs } from '../platform/event.ts'
import { type LiveSeries, RecentSeries } from './recent-series.ts'
import type { Observation, SeriesIdentity } from './series.ts'
import { type Evictor, evictor, INTEREST } from './series-eviction.ts'
import {
  type KeptRow,
  prepareSeries,
  type SeriesStatements,
  toObservation,
} from './series-statements.ts'
import type { SeriesObservation } from './store.ts'
import type { Totals } from './totals.ts'

const HOUR_MS = 3_600_000

export interface SeriesBounds {
  readonly maxSeries: number
  /** Of one series. */
  readonly maxObservations: number
}

/** A series without its gaps, which are the host's. */
export interface StoredSeries {
  readonly identity: SeriesIdentity
  readonly observations: readonly Observation[]
  readonly firstSeenMs: EpochMs
  readonly totalObservations: number
  readonly isRecurring: boolean
  readonly context?: string
  readonly latest?: string
}

/** Of one series in one batch; the identity is the latest, and so is the context. */
interface Group {
  identity: SeriesIdentity
  context: string | undefined
  readonly observations: SeriesObservation[]
}

export class SeriesStore {
  readonly #totals: Totals
  readonly #bounds: SeriesBounds
  readonly #statements: SeriesStatements
  readonly #recent = new RecentSeries()
  readonly #evictor: Evictor

  constructor(db: Database, totals: Totals, bounds: SeriesBounds) {
    this.#totals = totals
    this.#bounds = bounds
    this.#statements = prepareSeries(db)
    this.#evictor = evictor(this.#statements, totals, this.#recent, bounds.maxSeries)
  }

  /** Within a transaction. Series over the bound are evicted by `evictOver`, behind the findings. */
  observe(batch: readonly SeriesObservation[]): void {
    const groups = new Map<string, Group>()
    for (const one of batch) {
      const { identity, context } = one
      const group = groups.get(identity.key)
      if (group === undefined) {
        groups.set(identity.key, { identity, context, observations: [one] })
        continue
      }
      group.identity = identity
      group.context = context ?? group.context
      group.observations.push(one)
    }
    for (const [key, group] of groups) this.#observeOne(key, group)
  }

  #observeOne(key: string, group: Group): void {
    const found = this.#find(key)
    const row = found ?? this.#begin(key, group)
    const { first_seen_ms, oldest_ms, dropped } = row
    for (const one of group.observations) this.#observeAt(row, one)
    this.#trim(row)
    if (found === undefined && group.observations.length === 1) return
    const isOlder = row.first_seen_ms !== first_seen_ms || row.oldest_ms !== oldest_ms
    if (isOlder || row.dropped !== dropped) {
      this.#statements.updateOldest.run(row.first_seen_ms, row.oldest_ms, row.dropped, row.id)
    }
    this.#rank(row)
    this.#tell(row, group)
  }

  #find(key: string): LiveSeries | undefined {
    const recent = this.#recent.row(key)
    if (recent !== undefined) return recent
    const row = this.#statements.find.get(key)
    if (row === undefined) return undefined
    // Of no observations it counts none.
    const { kept, newest_ms, told_ms } = this.#statements.kept.get(row.id) as KeptRow
    return { ...row, kept, last_seen_ms: newest_ms, told_ms: told_ms ?? undefined }
  }

  /** Written as it is after its first observation, which often is its only one. */
  #begin(key: string, { identity, observations, ...rest }: Group): LiveSeries {
    const atMs = Math.round(observations[0]?.observation.atMs ?? 0)
    const text = JSON.stringify(identity)
    const context = rest.context ?? null
    const { lastInsertRowid } = this.#statements.insert.run(key, atMs, atMs, atMs, text, context)
    this.#totals.counts.series += 1
    return {
      ...{ id: Number(lastInsertRowid), identity: text, context },
      ...{ first_seen_ms: atMs, oldest_ms: atMs, last_seen_ms: atMs, rank_ms: atMs },
      ...{ kept: 0, dropped: 0, interest: INTEREST.newcomer, told_ms: undefined },
    }
  }

  #rank(row: LiveSeries): void {
    const isRepeated = row.interest !== INTEREST.recurring && row.kept + row.dropped > 2
    const interest = isRepeated ? INTEREST.repeated : row.interest
    const rankMs = rankMsOf(interest, row.last_seen_ms)
    if (interest === row.interest && rankMs === row.rank_ms) return
    row.interest = interest
    row.rank_ms = rankMs
    this.#statements.updateRank.run(interest, rankMs, row.id)
  }

  #tell(row: LiveSeries, { identity, ...rest }: Group): void {
    const context = rest.context ?? row.context
    const isTold = this.#recent.isTold(identity)
    const text = isTold ? row.identity : JSON.stringify(identity)
    if (text !== row.identity || context !== row.context) {
      this.#statements.updateStory.run(text, context, row.id)
      row.identity = text
      row.context = context
    }
    this.#recent.put(row, identity)
  }

  #trim(row: LiveSeries): void {
    const surplus = row.kept - this.#bounds.maxObservations
    if (surplus <= 0) return
    this.#statements.trim.run(row.id, row.id, surplus)
    row.kept -= surplus
    row.dropped += surplus
    row.oldest_ms = this.#statements.oldestOf.get(row.id) ?? row.last_seen_ms
    this.#totals.counts.observations -= surplus
  }

  #observeAt(row: LiveSeries, { observation, latest }: SeriesObservation): void {
    const atMs = Math.round(observation.atMs)
    // Later word of an observation that has been dropped: it must not count, or come back.
    if (row.kept >= this.#bounds.maxObservations && atMs < row.oldest_ms) return
    const { sentBytes = null, receivedBytes = null, connections } = observation
    const { observe, correct } = this.#statements
    const text = latest === undefined || !this.#isLatest(row, atMs) ? null : latest
    if (observe.run(row.id, atMs, sentBytes, receivedBytes, connections, text).changes === 0) {
      correct.run(sentBytes, receivedBytes, connections, text, row.id, atMs)
      return
    }
    row.kept += 1
    row.first_seen_ms = Math.min(row.first_seen_ms, atMs)
    row.oldest_ms = Math.min(row.oldest_ms, atMs)
    row.last_seen_ms = Math.max(row.last_seen_ms, atMs)
    this.#totals.counts.observations += 1
    this.#totals.counts.newestMs = Math.max(this.#totals.counts.newestMs, atMs)
  }

  /** Takes the place of the observation that holds `latest`, unless it is a later one. */
  #isLatest(row: LiveSeries, atMs: EpochMs): boolean {
    const toldMs = row.told_ms
    if (toldMs !== undefined && atMs < toldMs) return false
    if (toldMs !== undefined && atMs > toldMs) this.#statements.forgetLatest.run(row.id, toldMs)
    row.told_ms = atMs
    return true
  }

  /** Evicts what is over the bound, and some more, so that the next batches have room. */
  evictOver(): void {
    this.#evictor.evictOver()
  }

  /** @returns how many of `count` there were to drop */
  evict(count: number): number {
    return this.#evictor.evict(count)
  }

  /** What was written is gone. */
  rolledBack(): void {
    this.#recent.clear()
  }

  /** @returns whether there is such a series */
  markRecurring(key: string, isRecurring: boolean): boolean {
    const interest = this.#statements.interest.get(key)
    if (interest === undefined) return false
    if (isRecurring !== (interest === INTEREST.recurring)) {
      const isRepeated = this.total(key) > 2
      const other = isRepeated ? INTEREST.repeated : INTEREST.newcomer
      this.#statements.mark.run(isRecurring ? INTEREST.recurring : other, key)
      this.#recent.forget(key)
    }
    return true
  }

  get(key: string): StoredSeries | undefined {
    const row = this.#statements.find.get(key)
    if (row === undefined) return undefined
    const observations = this.#statements.observations.all(row.id).map(toObservation)
    const latest = this.#statements.latest.get(row.id)
    return {
      // What observe wrote.
      identity: JSON.parse(row.identity) as SeriesIdentity,
      observations,
      firstSeenMs: row.first_seen_ms,
      totalObservations: row.dropped + observations.length,
      isRecurring: row.interest === INTEREST.recurring,
      ...(row.context === null ? {} : { context: row.context }),
      ...(latest === undefined ? {} : { latest }),
    }
  }

  /** Observations ever, also the dropped; 0 for a series that is not kept. */
  total(key: string): number {
    const recent = this.#recent.row(key)
    return recent === undefined
      ? (this.#statements.total.get(key) ?? 0)
      : recent.kept + recent.dropped
  }

  keys(): readonly string[] {
    return this.#statements.keys.all()
  }

  /** Start of the oldest observation kept. */
  oldestMs(): EpochMs | undefined {
    return this.#statements.oldest.get() ?? undefined
  }
}

/** Newcomers in the order in which they were seen, all others by the hour: see the schema. */
const rankMsOf = (interest: number, seenMs: EpochMs): EpochMs =>
  interest === INTEREST.newcomer ? seenMs : seenMs - (seenMs % HOUR_MS)

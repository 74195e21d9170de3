/**
 * Series and their observations, bounded both ways: a series keeps its newest observations, and the
 * least interesting series go first when there are too many.
 *
 * What changes with each transfer is apart from what seldom does: the row that is written again each
 * time is small, and shares its page with many. An observation is a row of its own, clustered by
 * series and time. A packed blob for each series was measured and writes at half the speed once a
 * series is 200 observations long.
 */
import type { Database } from 'better-sqlite3'
import type { EpochMs } from '../platform/event.ts'
import { RecentSeries } from './recent-series.ts'
import type { Observation, SeriesIdentity } from './series.ts'
import { type Evictor, evictor, INTEREST } from './series-eviction.ts'
import {
  type ObservationRow,
  prepareSeries,
  type SeriesRow,
  type SeriesStatements,
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

/** Identity, context and observations of one series in one batch. */
interface Group {
  identity: SeriesIdentity
  context?: string
  latest?: string
  readonly observations: Observation[]
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
    for (const { identity, observation, context, latest } of batch) {
      const group = groups.get(identity.key) ?? { identity, observations: [] }
      groups.set(identity.key, group)
      group.identity = identity
      if (context !== undefined) group.context = context
      if (latest !== undefined) group.latest = latest
      group.observations.push(observation)
    }
    for (const [key, group] of groups) this.#observeOne(key, group)
  }

  #observeOne(key: string, group: Group): void {
    const found = this.#recent.row(key) ?? this.#statements.find.get(key)
    const row = found ?? this.#begin(key, group)
    const before = { ...row }
    for (const observation of group.observations) this.#observeAt(row, observation)
    this.#trim(row)
    if (found === undefined && group.observations.length === 1) return
    row.latest = group.latest ?? row.latest
    if (row.interest !== INTEREST.recurring && row.total > 2) row.interest = INTEREST.repeated
    this.#update(row, before)
    this.#tell(row, group)
  }

  /** Written as it is after its first observation, which often is its only one. */
  #begin(key: string, { identity, context, latest, observations }: Group): SeriesRow {
    const atMs = Math.round(observations[0]?.atMs ?? 0)
    const { lastInsertRowid } = this.#statements.insert.run(
      ...([key, atMs, atMs, atMs, 1, 1, INTEREST.newcomer, atMs, latest ?? null] as const),
    )
    const id = Number(lastInsertRowid)
    this.#statements.insertStory.run(id, JSON.stringify(identity), context ?? null)
    this.#totals.counts.series += 1
    const seen = { first_seen_ms: atMs, oldest_ms: atMs, last_seen_ms: atMs }
    return { id, ...seen, kept: 0, total: 0, interest: INTEREST.newcomer, latest: latest ?? null }
  }

  #update(row: SeriesRow, before: SeriesRow): void {
    const { id, first_seen_ms, last_seen_ms, kept, total, interest, latest } = row
    this.#statements.update.run(first_seen_ms, last_seen_ms, kept, total, latest, id)
    const rankMs = rankMsOf(interest, last_seen_ms)
    if (interest !== before.interest || rankMs !== rankMsOf(interest, before.last_seen_ms)) {
      this.#statements.updateRank.run(interest, rankMs, id)
    }
    if (row.oldest_ms !== before.oldest_ms) this.#statements.updateOldest.run(row.oldest_ms, id)
  }

  #tell(row: SeriesRow, { identity, context }: Group): void {
    if (!this.#recent.isTold(identity, context)) {
      const story = { id: row.id, identity: JSON.stringify(identity), context: context ?? null }
      this.#statements.updateStory.run(story)
    }
    this.#recent.put(row, identity, context)
  }

  #trim(row: SeriesRow): void {
    const surplus = row.kept - this.#bounds.maxObservations
    if (surplus <= 0) return
    this.#statements.trim.run(row.id, row.id, surplus)
    row.kept -= surplus
    row.oldest_ms = this.#statements.oldestOf.get(row.id) ?? row.last_seen_ms
    this.#totals.counts.observations -= surplus
  }

  #observeAt(row: SeriesRow, observation: Observation): void {
    const atMs = Math.round(observation.atMs)
    // Later word of an observation that has been dropped: it must not count, or come back.
    if (row.kept >= this.#bounds.maxObservations && atMs < row.oldest_ms) return
    const { changes } = this.#statements.observe.run(
      row.id,
      atMs,
      observation.sentBytes ?? null,
      observation.receivedBytes ?? null,
      observation.connections,
    )
    if (changes === 0) {
      this.#statements.correct.run(
        observation.sentBytes ?? null,
        observation.receivedBytes ?? null,
        observation.connections,
        row.id,
        atMs,
      )
      return
    }
    row.kept += 1
    row.total += 1
    row.first_seen_ms = Math.min(row.first_seen_ms, atMs)
    row.oldest_ms = Math.min(row.oldest_ms, atMs)
    row.last_seen_ms = Math.max(row.last_seen_ms, atMs)
    this.#totals.counts.observations += 1
    this.#totals.counts.newestMs = Math.max(this.#totals.counts.newestMs, atMs)
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
      this.#statements.mark.run(isRecurring ? 1 : 0, key)
      this.#recent.forget(key)
    }
    return true
  }

  get(key: string): StoredSeries | undefined {
    const row = this.#statements.find.get(key)
    if (row === undefined) return undefined
    const story = this.#statements.story.get(row.id)
    if (story === undefined) throw new Error(`series ${key} has no story`)
    const { identity, context } = story
    return {
      // What observe wrote.
      identity: JSON.parse(identity) as SeriesIdentity,
      observations: this.#statements.observations.all(row.id).map(toObservation),
      firstSeenMs: row.first_seen_ms,
      totalObservations: row.total,
      isRecurring: row.interest === INTEREST.recurring,
      ...(context === null ? {} : { context }),
      ...(row.latest === null ? {} : { latest: row.latest }),
    }
  }

  /** Observations ever, also the dropped; 0 for a series that is not kept. */
  total(key: string): number {
    return this.#statements.total.get(key) ?? 0
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

function toObservation(row: ObservationRow): Observation {
  return {
    atMs: row.at_ms,
    ...(row.sent_bytes === null ? {} : { sentBytes: row.sent_bytes }),
    ...(row.received_bytes === null ? {} : { receivedBytes: row.received_bytes }),
    connections: row.connections,
  }
}

/**
 * Writes to the store, through a full disk: what could not be stored is kept in memory and stored as
 * soon as there is room. Raw events are given up first, and counted; observations, alerts and
 * bookmarks are not.
 */
import { codeOf } from '../platform/errors.ts'
import type { Store, StoreBatch } from '../storage/store.ts'

/** Observations kept while the disk is full; some 300 bytes each. */
const MAX_KEPT = 50_000

export interface Recorder {
  /** Stores now, or keeps for later; never throws for a full disk. */
  record(batch: StoreBatch): void
  /** Tries again what is kept. */
  retry(): void
  /** One line for a person while the disk is full; `undefined` when all is stored. */
  problem(): string | undefined
  /** Since start: what was given up while the disk was full. */
  readonly lost: { readonly events: number; readonly observations: number }
}

export function createRecorder(store: Store): Recorder {
  let kept: StoreBatch | undefined
  const lost = { events: 0, observations: 0 }

  function tryRecord(batch: StoreBatch): boolean {
    try {
      store.record(batch)
      return true
    } catch (error) {
      if (codeOf(error) === 'ERR_STORE_FULL') return false
      throw error
    }
  }

  function keep(batch: StoreBatch): void {
    lost.events += batch.events?.length ?? 0
    kept = kept === undefined ? batch : joined(kept, batch)
    const { events: _, ...rest } = kept
    const tooMany = (rest.observations?.length ?? 0) - MAX_KEPT
    if (tooMany > 0) lost.observations += tooMany
    kept = { ...rest, observations: rest.observations?.slice(-MAX_KEPT) ?? [] }
  }

  return {
    record(batch) {
      if (kept !== undefined) keep(batch)
      else if (!tryRecord(batch)) keep(batch)
    },
    retry() {
      if (kept !== undefined && tryRecord(kept)) kept = undefined
    },
    problem() {
      if (kept === undefined) return undefined
      const waiting = kept.observations?.length ?? 0
      return `the database can't grow: ${waiting} transfers wait in memory; free some disk space`
    },
    lost,
  }
}

/** Both, in order: what comes later replaces. */
function joined(one: StoreBatch, other: StoreBatch): StoreBatch {
  return {
    observations: [...(one.observations ?? []), ...(other.observations ?? [])],
    gaps: [...(one.gaps ?? []), ...(other.gaps ?? [])],
    bookmarks: new Map([...(one.bookmarks ?? []), ...(other.bookmarks ?? [])]),
    findings: latest(one.findings, other.findings, ({ seriesKey }) => seriesKey),
    alerts: latest(one.alerts, other.alerts, ({ id }) => id),
    schedules: latest(one.schedules, other.schedules, ({ id }) => id),
    forgottenSchedules: [...(one.forgottenSchedules ?? []), ...(other.forgottenSchedules ?? [])],
  }
}

function latest<T>(
  one: readonly T[] = [],
  other: readonly T[] = [],
  keyOf: (item: T) => string,
): T[] {
  return [...new Map([...one, ...other].map((item) => [keyOf(item), item])).values()]
}

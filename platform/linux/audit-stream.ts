/**
 * The way from lines of audit records to events, with its books: parse, assemble, translate, count.
 * Pure; both audit collectors, replay and the benchmark go through it.
 *
 * At any time `received = emitted + ignored + malformed + lost + pending`.
 */
import type { CollectorCounters } from '../collector.ts'
import type { EpochMs, Event, Loss } from '../event.ts'
import { ASSEMBLE_LIMITS, type AuditGroup, auditAssembler } from './audit-assemble.ts'
import { AUDIT_DATASET, type AuditOutcome, auditEvent } from './audit-event.ts'
import { type AuditRecord, parseAuditRecord } from './audit-record.ts'
import { type SerialGap, type SerialTracker, serialTracker } from './audit-serials.ts'
import { type AuditStamp, isBehind, stampText } from './audit-stamp.ts'

export interface AuditStreamOptions {
  readonly counters: CollectorCounters
  /** The agent's own process, which is never reported. */
  readonly ownPid?: number
  /**
   * The bookmark of an earlier run: what is not behind it was told then. Only program starts shortly
   * before it are told again, so that the lineage of what is still running is known.
   */
  readonly after?: AuditStamp
  /** Asked for each record: was its event taken from another place already? */
  readonly isTaken?: (record: AuditRecord) => boolean
}

export interface AuditStream {
  push(lines: readonly string[]): Event[]
  /** What is due at `nowMs` though nothing came: call it when the source is idle. */
  flush(nowMs: EpochMs): Event[]
  /** The rest, complete or not. */
  end(): Event[]
  /** Forgets what waits, and counts it as ignored: it will come again from elsewhere. */
  abandon(): void
  /** Records that wait for the rest of their event. */
  readonly pending: number
  /** The events that wait. */
  waiting(): readonly AuditGroup[]
  /** The last event handed out, with nothing incomplete behind it. */
  readonly bookmark: string | undefined
  /** The newest record read. */
  readonly newest: AuditStamp | undefined
}

/** How far before the bookmark, ms, programs are learnt again: long enough for a job that is running. */
export const LINEAGE_MS = 120_000
/** A clock that was set back by more than this moves the bookmark back, too. */
const CLOCK_STEP_MS = 60_000

export function auditStream(options: AuditStreamOptions): AuditStream {
  const { counters, ownPid, after, isTaken } = options
  const assembler = auditAssembler()
  /** Of each node in the stream: nearly always one, without a name. */
  const trackers = new Map<string, SerialTracker>()
  let behind = after
  let newest: AuditRecord | undefined
  // A bookmark made at a first start has no serial.
  if (after !== undefined && after.serial > 0) trackerOf('').see(after.serial, after.atMs)

  function trackerOf(node: string): SerialTracker {
    const known = trackers.get(node)
    if (known !== undefined) return known
    const tracker = serialTracker(ASSEMBLE_LIMITS.timeoutMs)
    trackers.set(node, tracker)
    return tracker
  }

  const isNew = (stamp: AuditStamp): boolean => after === undefined || isBehind(after, stamp)
  const isOutOfReach = ({ atMs }: AuditStamp): boolean =>
    after !== undefined && atMs < after.atMs - LINEAGE_MS

  /** @returns whether it waits for the rest of its event; otherwise it told nothing */
  function take(record: AuditRecord, events: Event[]): boolean {
    const previous = newest
    newest = record
    if (isOutOfReach(record) || isTaken?.(record)) return false
    if (isNew(record)) {
      if (record.kind === 'daemon-start') {
        if (previous) events.push(loss(record.atMs, 'unavailable', { fromMs: previous.atMs }))
        return false
      }
      const { node, kind, line } = record
      // auditd numbers its own records (DAEMON_END and the like) by itself.
      const isOwn = kind === 'other' && line.startsWith('type=DAEMON_', node.length)
      if (!isOwn) trackerOf(node).see(record.serial, record.atMs)
    }
    return record.kind !== 'other' && assembler.push(record)
  }

  /** The events of groups that are over, and what they say of losses. */
  function translate(groups: readonly AuditGroup[], events: Event[]): void {
    let lost: { count: number; fromMs: number; toMs: number } | undefined
    for (const group of groups) {
      remember(group)
      const outcome = auditEvent(group)
      if (isFailure(outcome) && isNew(group)) {
        counters[outcome === 'malformed' ? 'malformed' : 'lost'] += group.records
        lost ??= { count: 0, fromMs: group.atMs, toMs: group.atMs }
        lost.count += group.records
        lost.toMs = group.atMs
      } else if (typeof outcome === 'string' || !isWanted(outcome, group)) {
        counters.ignored += group.records
      } else {
        counters.emitted += group.records
        events.push(outcome)
      }
    }
    // A record of it never came: the kernel had no room for it.
    if (lost) events.push(loss(lost.toMs, 'overrun', { count: lost.count, fromMs: lost.fromMs }))
  }

  function remember(group: AuditGroup): void {
    const isStep = behind !== undefined && behind.atMs - group.atMs > CLOCK_STEP_MS
    if (behind === undefined || isStep || isBehind(behind, group)) behind = group
  }

  function isWanted(event: Event, group: AuditGroup): boolean {
    if ('process' in event && event.process?.pid === ownPid) return false
    return event.kind === 'process-start' || isNew(group)
  }

  function miss(gaps: readonly SerialGap[], events: Event[]): void {
    for (const { count, fromMs, toMs } of gaps) {
      counters.missed += count
      events.push(loss(toMs, 'sequence-gap', { count, fromMs }))
    }
  }

  function due(nowMs: EpochMs, events: Event[]): Event[] {
    translate(assembler.take(nowMs), events)
    for (const tracker of trackers.values()) miss(tracker.expire(nowMs), events)
    return events
  }

  return {
    push(lines) {
      const events: Event[] = []
      let unreadable = 0
      for (const line of lines) {
        if (line === '') continue
        counters.received++
        const record = parseAuditRecord(line)
        if (record.ok) {
          if (!take(record.value, events)) counters.ignored++
          // As each record comes, so that nothing depends on how the lines were cut into batches.
          translate(assembler.take(record.value.atMs), events)
        } else unreadable++
      }
      counters.malformed += unreadable
      if (unreadable > 0) events.push(loss(newest?.atMs ?? 0, 'malformed', { count: unreadable }))
      return newest === undefined ? events : due(newest.atMs, events)
    },
    flush: (nowMs) => due(nowMs, []),
    end() {
      const events: Event[] = []
      translate(assembler.end(), events)
      for (const tracker of trackers.values()) miss(tracker.end(), events)
      return events
    },
    abandon() {
      for (const group of assembler.end()) counters.ignored += group.records
    },
    waiting: () => assembler.pending(),
    get pending() {
      return assembler.pendingRecords
    },
    get bookmark() {
      return behind && stampText(behind)
    },
    get newest() {
      return newest
    },
  }
}

const isFailure = (outcome: AuditOutcome): outcome is 'incomplete' | 'malformed' =>
  outcome === 'incomplete' || outcome === 'malformed'

const loss = (
  atMs: EpochMs,
  reason: Loss['reason'],
  more: { readonly count?: number; readonly fromMs?: EpochMs },
): Loss => ({ kind: 'loss', atMs, dataset: AUDIT_DATASET, reason, ...more })

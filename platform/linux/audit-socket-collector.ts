/**
 * Reads auditd's dispatcher socket (plugin `builtin_af_unix`, `format = string`): events within a
 * fraction of a second, and without a file in between.
 *
 * With a bookmark it first catches up from the log. The socket is opened before the log is read, so
 * that nothing falls between; the log is followed until it has reached what the socket began with,
 * and from there the socket takes over. Events that both brought are told apart by time and serial.
 */
import type { Batch, Bookmark, Clock, Collector, CollectorCounters } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { AUDIT_DATASET } from './audit-event.ts'
import { type AuditInbox, openAuditInbox } from './audit-inbox-collector.ts'
import { AUDIT_LOG, auditLogChunks, missing } from './audit-log-collector.ts'
import { eventIdOf, parseAuditRecord } from './audit-record.ts'
import { type AuditStamp, isBehind, parseStamp, stampText } from './audit-stamp.ts'
import { type AuditStream, auditStream } from './audit-stream.ts'

export const AUDIT_SOCKETS: readonly string[] = [
  '/run/audit/audispd_events',
  '/var/run/audispd_events',
]

export interface AuditSocketOptions {
  readonly clock: Clock
  /** Tried in this order. */
  readonly socketPaths?: readonly string[]
  /** Where to catch up from. */
  readonly logPath?: string
  /** The agent's own process, which is never reported. */
  readonly ownPid?: number
  /** How long records are gathered for a batch, ms. */
  readonly gatherMs?: number
  /** What has waited for longer is left out unread, ms: see `SenseDeps`. */
  readonly maxLagMs?: () => number
  /** Shared with the collector that this one stands in for. */
  readonly counters?: CollectorCounters
}

const GATHER_MS = 200
/** Without anything new, this often, ms, incomplete events are looked at. */
const IDLE_MS = 2_000
/** The bookmark is saved this often, ms, though there is nothing to tell. */
const BOOKMARK_MS = 10_000
/** Time between looks at the log while catching up, ms. */
const CATCH_UP_POLL_MS = 100
/** How long the log may take to reach what the socket began with, ms. auditd writes it first. */
const SPLICE_TIMEOUT_MS = 5_000
/** Clocks of kernel and agent are one, but a record may be older than its arrival, ms. */
const SPLICE_OVERLAP_MS = 10_000
/** Events this far behind the socket's first can no longer have lost records to it. */
const SPLICE_SERIALS = 64
const MAX_LAG_MS = 30_000
/** That records were left out unread is said for so long, ms. */
const SKIPPED_MS = 10 * 60_000
/** Nobody starts a program for so long, ms, but on a host without rules. */
const SILENCE_MS = 10 * 60_000

export function auditSocketCollector(options: AuditSocketOptions): Collector {
  const { clock, socketPaths = AUDIT_SOCKETS, logPath = AUDIT_LOG, ownPid } = options
  const { gatherMs = GATHER_MS, maxLagMs = () => MAX_LAG_MS } = options
  const counters = options.counters ?? zeroCounters()
  let spokeMs: number | undefined
  let emitted = 0
  let listening: AuditInbox | undefined
  let skipped: { readonly atMs: number; readonly records: number } | undefined

  async function* batches(signal: AbortSignal, bookmark: Bookmark): AsyncGenerator<Batch> {
    const inbox = await openAuditInbox(socketPaths, clock.now)
    spokeMs = clock.now()
    const saved = parseStamp(bookmark.load())
    const after = saved ?? { atMs: clock.now(), serial: 0 }
    const taken = new Set<string>()
    const recentMs = clock.now() - SPLICE_OVERLAP_MS
    let isLog = saved !== undefined
    const stream = auditStream({
      counters,
      after,
      ...(ownPid !== undefined && { ownPid }),
      isTaken(record) {
        if (!isLog) return taken.size > 0 && taken.has(eventIdOf(record))
        if (record.atMs >= recentMs) taken.add(eventIdOf(record))
        return false
      },
    })
    try {
      yield { events: [], bookmark: stampText(after) }
      if (saved !== undefined) yield* catchUp(stream, inbox, saved, signal)
      // What the log had only in part comes whole from the socket.
      for (const group of stream.waiting()) taken.delete(eventIdOf(group))
      stream.abandon()
      isLog = false
      yield* listen(stream, inbox, taken, signal)
    } finally {
      listening = undefined
      inbox.close()
      // Behind the bookmark, so it is read again.
      stream.abandon()
    }
  }

  function noteLife(): void {
    if (counters.emitted !== emitted) spokeMs = clock.now()
    emitted = counters.emitted
  }

  async function* catchUp(
    stream: AuditStream,
    inbox: AuditInbox,
    saved: AuditStamp,
    signal: AbortSignal,
  ): AsyncGenerator<Batch> {
    let spliceMs: number | undefined
    try {
      const log = { clock, logPath, pollMs: CATCH_UP_POLL_MS }
      for await (const chunk of auditLogChunks(log, saved, signal)) {
        const events: Event[] = []
        if (chunk.missingFromMs !== undefined)
          events.push(missing(clock.now(), chunk.missingFromMs))
        for (const event of stream.push(chunk.lines)) events.push(event)
        if (chunk.isAtEnd) events.push(...stream.flush(clock.now()))
        noteLife()
        if (events.length > 0) yield batchOf(events, stream)
        else yield { events: [] }
        if (!chunk.isAtEnd) continue
        if (inbox.firstLine === undefined) {
          if (inbox.isClosed) return
          continue
        }
        spliceMs ??= clock.now()
        if (isReached(stream, inbox.firstLine)) return
        if (clock.now() - spliceMs <= SPLICE_TIMEOUT_MS) continue
        // auditd writes no log, or stopped to: the socket alone goes on.
        yield batchOf([missing(spliceMs, stream.newest?.atMs ?? saved.atMs)], stream)
        return
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      // No log to catch up from: the socket alone goes on, and the span is told as blind.
      yield batchOf([missing(clock.now(), saved.atMs)], stream)
    }
  }

  async function* listen(
    stream: AuditStream,
    inbox: AuditInbox,
    taken: Set<string>,
    signal: AbortSignal,
  ): AsyncGenerator<Batch> {
    const splicedMs = clock.now()
    let toldMs = splicedMs
    listening = inbox
    yield { events: [] }
    while (!signal.aborted) {
      await inbox.wait(IDLE_MS, gatherMs, signal)
      const records = inbox.skip(clock.now() - maxLagMs())
      // Their serials are missing in what follows, which tells the gap and counts what was missed.
      if (records > 0) skipped = { atMs: clock.now(), records: (skipped?.records ?? 0) + records }
      const lines = inbox.fetch()
      const events = lines.length > 0 ? stream.push(lines) : stream.flush(clock.now())
      // Nothing that is younger than this can have come from the log.
      if ((stream.newest?.atMs ?? 0) > splicedMs + SPLICE_OVERLAP_MS) taken.clear()
      noteLife()
      if (events.length > 0 || (lines.length > 0 && clock.now() - toldMs > BOOKMARK_MS)) {
        toldMs = clock.now()
        yield batchOf(events, stream)
      }
      if (inbox.isClosed && inbox.heldBytes === 0) {
        throw new SourceError(`${inbox.path}: auditd closed the socket`, {
          remedy: 'see whether auditd runs: `service auditd status`',
        })
      }
    }
  }

  return {
    dataset: AUDIT_DATASET,
    description: `programs started and connections opened, from auditd's socket`,
    counters,
    behindMs() {
      const nowMs = clock.now()
      return nowMs - (listening?.heldSinceMs ?? nowMs)
    },
    degraded() {
      if (skipped !== undefined && clock.now() - skipped.atMs < SKIPPED_MS) {
        return `more came than could be read in ${maxLagMs() / 1000} s: ${skipped.records} records left out unread since the start; see whose they are, and exclude them in /etc/audit/rules.d`
      }
      const isSilent = spokeMs !== undefined && clock.now() - spokeMs > SILENCE_MS
      return isSilent
        ? 'no program start or connection in 10 minutes: are the rules loaded? `augenrules --load`'
        : undefined
    },
    batches,
  }
}

const batchOf = (events: readonly Event[], { bookmark }: AuditStream): Batch =>
  bookmark === undefined ? { events } : { events, bookmark }

/** Has the log reached what the socket began with, so that all behind it is in one of them, whole? */
function isReached(stream: AuditStream, firstLine: string | undefined): boolean {
  const first = parseAuditRecord(firstLine ?? '')
  // auditd's own records, and what is no record at all, have no place in the log's order.
  if (!first.ok || first.value.line.includes('type=DAEMON_')) return true
  const { atMs, serial } = first.value
  const { newest } = stream
  if (newest === undefined || isBehind(newest, first.value)) return false
  const isNear = (group: AuditStamp): boolean =>
    group.atMs <= atMs || ((group.serial - serial) | 0) <= SPLICE_SERIALS
  return !stream.waiting().some(isNear)
}

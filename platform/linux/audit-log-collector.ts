/**
 * Follows /var/log/audit/audit.log, through auditd's rotations (audit.log.1 is the next older) and
 * from behind a bookmark. The way to audit events where auditd's af_unix plugin is off, and for the
 * socket collector the way to what was written while the agent was not there.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Batch, Bookmark, Clock, Collector, CollectorCounters } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { codeOf, faultOf, SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { lineSplitter } from '../shared/lines.ts'
import { tail } from '../shared/tail.ts'
import { AUDIT_DATASET } from './audit-event.ts'
import { parseAuditRecord } from './audit-record.ts'
import { type AuditStamp, isBehind, parseStamp, stampText } from './audit-stamp.ts'
import { auditStream, LINEAGE_MS } from './audit-stream.ts'

export const AUDIT_LOG = '/var/log/audit/audit.log'

export interface AuditLogOptions {
  readonly clock: Clock
  readonly logPath?: string
  /** Time between looks at the log, ms. */
  readonly pollMs?: number
  /** The agent's own process, which is never reported. */
  readonly ownPid?: number
  /** Shared with the collector that this one stands in for. */
  readonly counters?: CollectorCounters
}

/** auditd keeps up to 999 (`num_logs`). */
const MAX_ROTATIONS = 999
/** A head of a file that holds a first line, whatever is in it. */
const HEAD_BYTES = 64 * 1024
const POLL_MS = 500

export function auditLogCollector(options: AuditLogOptions): Collector {
  const { clock, logPath = AUDIT_LOG, ownPid } = options
  const counters = options.counters ?? zeroCounters()
  /** The newest that was read, while the log has more; catching up at a start is not being behind. */
  let readToMs: number | undefined
  let wasAtEnd = false

  async function* batches(signal: AbortSignal, bookmark: Bookmark): AsyncGenerator<Batch> {
    const saved = parseStamp(bookmark.load())
    const after = saved ?? { atMs: clock.now(), serial: 0 }
    const stream = auditStream({ counters, after, ...(ownPid !== undefined && { ownPid }) })
    let told: string | undefined
    wasAtEnd = false
    try {
      for await (const chunk of auditLogChunks(options, saved, signal)) {
        const lost = chunk.missingFromMs
        const events: Event[] = lost === undefined ? [] : [missing(clock.now(), lost)]
        for (const event of stream.push(chunk.lines)) events.push(event)
        if (chunk.isAtEnd) events.push(...stream.flush(clock.now()))
        wasAtEnd ||= chunk.isAtEnd
        readToMs = chunk.isAtEnd || !wasAtEnd ? undefined : stream.newest?.atMs
        const isMoved = stream.bookmark !== told && chunk.lines.length > 0
        if (events.length === 0 && !isMoved && told !== undefined) {
          yield { events }
          continue
        }
        told = stream.bookmark ?? stampText(after)
        yield { events, bookmark: told }
      }
    } finally {
      readToMs = undefined
      // Behind the bookmark, so it is read again.
      stream.abandon()
    }
  }

  return {
    dataset: AUDIT_DATASET,
    description: `programs started and connections opened, from ${logPath}`,
    counters,
    behindMs() {
      const nowMs = clock.now()
      return Math.max(0, nowMs - (readToMs ?? nowMs))
    },
    degraded: () =>
      `${logPath} is read instead of auditd's socket, so events come later: set "active = yes" in /etc/audit/plugins.d/af_unix.conf and reload auditd`,
    batches,
  }
}

/** The span behind a bookmark that no log reaches. */
export const missing = (atMs: number, fromMs: number): Event => ({
  kind: 'loss',
  atMs,
  dataset: AUDIT_DATASET,
  reason: 'restart',
  fromMs,
})

export interface AuditLogChunk {
  readonly lines: readonly string[]
  /** All that is written has been read. */
  readonly isAtEnd: boolean
  /** What follows this time is out of reach, up to the first of `lines`. */
  readonly missingFromMs?: number
}

/**
 * The lines of the log, the older files first, then the log itself as it grows.
 * @param after begins in the file that holds what is behind it; at the end of the log without
 * @throws {SourceError} when the log is missing or can't be read
 */
export async function* auditLogChunks(
  { clock, logPath = AUDIT_LOG, pollMs = POLL_MS }: AuditLogOptions,
  after: AuditStamp | undefined,
  signal: AbortSignal,
): AsyncGenerator<AuditLogChunk> {
  let missingFromMs: number | undefined
  if (after !== undefined) {
    const { files, isReached } = await olderFiles(logPath, after)
    if (!isReached) missingFromMs = after.atMs
    for (const file of files) {
      for await (const lines of wholeFile(file)) {
        if (signal.aborted) return
        yield { lines, isAtEnd: false, ...take() }
      }
    }
  }
  const from = after === undefined ? 'end' : 'start'
  let newest = after
  for await (const { lines, isAtEnd, isBroken } of tail(
    { path: logPath, clock, pollMs, from },
    signal,
  )) {
    // Cut off, or rotated away out of reach, while it was followed.
    if (isBroken) missingFromMs ??= newest?.atMs ?? clock.now()
    newest = stampOf(lines.at(-1)) ?? newest
    yield { lines, isAtEnd, ...take() }
  }

  function take(): { readonly missingFromMs?: number } {
    const found = missingFromMs
    missingFromMs = undefined
    return found === undefined ? {} : { missingFromMs: found }
  }
}

/**
 * The rotated files that hold what is behind `after`, and the programs that started shortly before it,
 * oldest first.
 */
async function olderFiles(
  logPath: string,
  after: AuditStamp,
): Promise<{ readonly files: readonly string[]; readonly isReached: boolean }> {
  const fromMs = after.atMs - LINEAGE_MS
  const files: string[] = []
  let oldest = await firstStamp(logPath)
  for (let n = 1; n <= MAX_ROTATIONS && (oldest === undefined || oldest.atMs > fromMs); n++) {
    const file = `${logPath}.${n}`
    const first = await firstStamp(file)
    if (first === undefined) break
    files.unshift(file)
    oldest = first
  }
  const isReached =
    oldest !== undefined && (!isBehind(after, oldest) || oldest.serial === after.serial + 1)
  return { files, isReached }
}

/** The stamp of a file's first record; `undefined` where there is no such file or record. */
async function firstStamp(path: string): Promise<AuditStamp | undefined> {
  try {
    await using file = await open(path, 'r')
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    for (const line of buffer.toString('utf8', 0, bytesRead).split('\n')) {
      const stamp = stampOf(line)
      if (stamp !== undefined) return stamp
    }
    return undefined
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw unreadable(path, cause)
  }
}

function stampOf(line: string | undefined): AuditStamp | undefined {
  const record = line === undefined ? undefined : parseAuditRecord(line)
  // DAEMON records have serials of their own, and stand first in a file.
  return record?.ok && !record.value.line.includes('type=DAEMON_') ? record.value : undefined
}

async function* wholeFile(path: string): AsyncGenerator<readonly string[]> {
  const splitter = lineSplitter()
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      yield splitter.push(chunk as Buffer)
    }
  } catch (cause) {
    throw unreadable(path, cause)
  }
  const rest = splitter.flush()
  if (rest !== undefined) yield [rest]
}

const unreadable = (path: string, cause: unknown): SourceError =>
  new SourceError(`${path}: ${faultOf(cause)}`, {
    cause,
    remedy: 'run the agent as root, or in the group of the log (log_group in auditd.conf)',
  })

/**
 * Follows one channel of the Windows event log: what is new since its bookmark, then what comes. It
 * asks for the ids that we read and for no others.
 *
 * A channel that is missing, switched off or closed to us is looked for again, and said: an agent that
 * is installed before Sysmon begins to see when Sysmon comes. A log that was cleared, or has wrapped
 * past the bookmark, is a blind span from the last record read to the first that is there.
 */
import { type Batch, type Clock, type Collector, zeroCounters } from '../collector.ts'
import { SourceError } from '../errors.ts'
import type { EpochMs, Event, Loss } from '../event.ts'
import {
  ACCESS_DENIED,
  CHANNEL_NOT_FOUND,
  type ChannelState,
  type EventLog,
  EventLogError,
  type EventLogMark,
  type EventLogReader,
  isAway,
  isGone,
  markText,
  parseMark,
  queryOf,
} from './event-log.ts'
import { parseEventXml } from './event-xml.ts'
import type { KnownProcesses } from './known-processes.ts'
import type { WindowsEvents } from './windows-events.ts'
import type { WindowsRecord } from './windows-record.ts'

/** Records at a time: some 5 ms of rendering and parsing, between which others have their turn. */
const BATCH = 64
/** After so many polls without a record it is looked whether the channel is still on. */
const IDLE_POLLS = 60

export interface EventLogOptions {
  readonly clock: Clock
  readonly log: EventLog
  readonly dataset: string
  readonly description: string
  readonly channel: string
  readonly ids: readonly number[]
  /** Ids among them that tell of a process' start; read back at start, to know whose child is whose. */
  readonly processIds: readonly number[]
  readonly seesConnections: boolean
  /** Begins a poll later than the others: what another channel tells of its records is known then. */
  readonly startsLater: boolean
  readonly pollMs: number
  /** How far back the first start of all reads, ms; 0 is not at all. */
  readonly lookBackMs: number
  readonly events: WindowsEvents
  readonly known: KnownProcesses
  /** The agent's own connections are not told. */
  readonly ownPid: number
  /** What to do about a channel that is not there, and about one that is switched off; one line each. */
  readonly remedies: { readonly missing: string; readonly disabled: string }
}

export function eventLogCollector(options: EventLogOptions): Collector {
  const { clock, log, channel, dataset, events: readers } = options
  const counters = zeroCounters()
  let problem: string | undefined
  /** Up to here it has been read; `undefined` before the first record of all. */
  let mark: EventLogMark | undefined
  /** The log was found without what comes next: blind from here to the first record it has. */
  let blindFromMs: EpochMs | undefined

  function open(): EventLogReader | undefined {
    const state = log.state(channel)
    problem = state === 'enabled' ? undefined : complaint(options, state)
    if (state !== 'enabled') return undefined
    const query = queryOf(options.ids)
    try {
      if (mark !== undefined) return log.subscribe(channel, query, { after: mark.xml })
      const { lookBackMs } = options
      if (lookBackMs === 0) return log.subscribe(channel, query, 'new')
      return log.subscribe(channel, queryOf(options.ids, lookBackMs), 'oldest')
    } catch (error) {
      if (mark === undefined || !isGone(error)) return closed(error)
      blindFromMs = mark.atMs
      mark = undefined
      return log.subscribe(channel, query, 'oldest')
    }
  }

  /** The channel went away, or may no longer be read: it is looked for again. */
  function closed(error: unknown): undefined {
    if (error instanceof EventLogError && error.win32Code === ACCESS_DENIED) {
      problem = complaint(options, 'denied')
    } else if (error instanceof EventLogError && error.win32Code === CHANNEL_NOT_FOUND) {
      problem = complaint(options, 'missing')
    } else throw sourceErrorOf(channel, error)
    return undefined
  }

  /** Who was started before the bookmark, from what the log still has. */
  async function* lookBack(signal: AbortSignal): AsyncGenerator<Batch> {
    if (options.processIds.length === 0 || log.state(channel) !== 'enabled') return
    const reader = log.newestFirst(channel, queryOf(options.processIds))
    try {
      for (let more = true; more; ) {
        const texts = await reader.next(BATCH)
        if (signal.aborted) return
        // A log may hold days of them.
        yield { events: [] }
        more = texts.length > 0
        for (const text of texts) {
          const record = parseEventXml(text)
          if (record.ok && !options.known.remember(record.value, readers)) more = false
        }
      }
    } finally {
      reader.close()
    }
  }

  function eventsOf(texts: readonly string[]): { events: Event[]; lastMs: EpochMs | undefined } {
    const events: Event[] = []
    let malformed = 0
    let lastMs: EpochMs | undefined
    for (const text of texts) {
      counters.received++
      const record = parseEventXml(text)
      const event = record.ok ? eventOf(record.value) : 'malformed'
      if (record.ok) {
        lastMs = record.value.createdMs
        if (blindFromMs !== undefined) events.push(...gone(lastMs))
      }
      if (event === 'malformed') malformed++
      else if (event === 'ignored') counters.ignored++
      else {
        counters.emitted++
        events.push(event)
      }
    }
    counters.malformed += malformed
    const atMs = lastMs ?? clock.now()
    if (malformed > 0)
      events.push({ kind: 'loss', atMs, dataset, count: malformed, reason: 'malformed' })
    return { events, lastMs }
  }

  function eventOf(record: WindowsRecord): Event | 'ignored' | 'malformed' {
    const event = readers.read(record)
    if (typeof event === 'string') return event
    const isOwn = event.kind === 'connection' && event.process?.pid === options.ownPid
    return isOwn ? 'ignored' : event
  }

  function gone(atMs: EpochMs): Loss[] {
    const fromMs = blindFromMs as EpochMs
    blindFromMs = undefined
    const span = options.seesConnections && fromMs < atMs ? { fromMs } : {}
    return [{ kind: 'loss', atMs, dataset, reason: 'overrun', ...span }]
  }

  return {
    dataset,
    description: options.description,
    counters,
    ...(options.seesConnections && { seesConnections: true, fillsAbsence: true }),
    degraded: () => problem,
    async *batches(signal, bookmark) {
      mark = parseMark(bookmark.load())
      let reader: EventLogReader | undefined
      try {
        yield* lookBack(signal)
        let waits = options.startsLater
        /** Polls in a row that had nothing new. */
        let idle = 0
        for await (const nowMs of clock.ticks(options.pollMs, signal)) {
          if (waits) {
            waits = false
            continue
          }
          // A channel that is switched off under way just falls silent.
          if (idle >= IDLE_POLLS && log.state(channel) !== 'enabled') {
            reader?.close()
            reader = undefined
          }
          if (idle >= IDLE_POLLS) idle = 0
          reader ??= open()
          // Read until there is nothing more, with the event loop free between two batches.
          while (reader !== undefined && !signal.aborted) {
            const texts: readonly string[] | undefined = await reader
              .next(BATCH)
              .catch((error: unknown) => {
                if (isGone(error) || isAway(error)) return undefined
                throw error
              })
            // Given up meanwhile: another run may read on, and the place is its own.
            if (signal.aborted) return
            if (texts === undefined) {
              // Opened again with the next tick, behind the bookmark, or where that is gone at the oldest.
              reader.close()
              reader = undefined
              break
            }
            const { events, lastMs } = eventsOf(texts)
            // A log that was cleared and is still empty: blind up to now.
            if (texts.length === 0 && blindFromMs !== undefined) events.push(...gone(nowMs))
            const xml = texts.length > 0 ? reader.bookmark() : undefined
            if (xml !== undefined) mark = { xml, atMs: lastMs ?? mark?.atMs ?? nowMs }
            if (xml !== undefined) yield { events, bookmark: markText(mark as EventLogMark) }
            else if (events.length > 0) yield { events }
            idle = texts.length > 0 ? 0 : idle + 1
            if (texts.length === 0) break
          }
          if (signal.aborted) return
        }
      } catch (error) {
        throw error instanceof EventLogError ? sourceErrorOf(channel, error) : error
      } finally {
        reader?.close()
      }
    },
  }
}

function complaint(
  { channel, remedies }: EventLogOptions,
  state: Exclude<ChannelState, 'enabled'>,
): string {
  switch (state) {
    case 'missing':
      return `${channel}: there is no such log; ${remedies.missing}`
    case 'disabled':
      return `${channel}: is switched off; ${remedies.disabled}`
    case 'denied':
      return `${channel}: may not be read; run the agent as its service (LocalSystem) or as an administrator`
  }
}

const sourceErrorOf = (channel: string, cause: unknown): unknown =>
  cause instanceof EventLogError
    ? new SourceError(`${channel}: ${cause.message}`, {
        cause,
        remedy: 'see whether the service "Windows Event Log" (EventLog) runs',
      })
    : cause

/**
 * The Windows event log as its collector needs it: the port that `wevtapi-collector.ts` fills on
 * Windows, what is asked of the log, and the mark where reading goes on. Pure.
 * https://learn.microsoft.com/windows/win32/wes/consuming-events
 */
import type { EpochMs } from '../event.ts'

/** A call of the event log's interface failed. */
export class EventLogError extends Error {
  /** As `GetLastError` told it. */
  readonly win32Code: number

  constructor(call: string, win32Code: number) {
    super(`${call}: Windows error ${win32Code}`)
    this.name = new.target.name
    this.win32Code = win32Code
  }
}

export const ACCESS_DENIED = 5
export const NO_MORE_ITEMS = 259
export const TIMED_OUT = 1460
export const CHANNEL_NOT_FOUND = 15_007
/** The record of a bookmark is no longer there: ERROR_NOT_FOUND, and a result that is stale or has no such place. */
const BOOKMARK_GONE: readonly number[] = [1168, 15_011, 15_012]

/** Whether what was to be read next has been cleared away, or written over. */
export const isGone = (error: unknown): boolean =>
  error instanceof EventLogError && BOOKMARK_GONE.includes(error.win32Code)

/** Whether the channel is there no longer, or may no longer be read. */
export const isAway = (error: unknown): boolean =>
  error instanceof EventLogError && [CHANNEL_NOT_FOUND, ACCESS_DENIED].includes(error.win32Code)

export type ChannelState = 'enabled' | 'disabled' | 'missing' | 'denied'

/** Records of one channel, one after the other. */
export interface EventLogReader {
  /**
   * The next records as XML, at most `max`; none where there are none now. Never blocks the event
   * loop: it waits on a thread of the pool.
   * @throws {EventLogError}
   */
  next(max: number): Promise<readonly string[]>
  /** Behind the last record that `next` gave; `undefined` before the first. */
  bookmark(): string | undefined
  close(): void
}

/** Where a subscription begins: behind a bookmark (its XML), at the oldest record, or with what comes. */
export type EventLogStart = { readonly after: string } | 'oldest' | 'new'

export interface EventLog {
  /** @throws {EventLogError} for what is neither of the four */
  state(channel: string): ChannelState
  /** What is there and what comes. @throws {EventLogError} */
  subscribe(channel: string, query: string, start: EventLogStart): EventLogReader
  /** What is there now, the newest first. @throws {EventLogError} */
  newestFirst(channel: string, query: string): EventLogReader
}

/** XPath of the event log: records with one of these ids, and no older than that. */
export function queryOf(ids: readonly number[], withinMs?: number): string {
  const any = ids.map((id) => `EventID=${id}`).join(' or ')
  const age = withinMs === undefined ? '' : ` and TimeCreated[timediff(@SystemTime) <= ${withinMs}]`
  return `*[System[(${any})${age}]]`
}

/** Where reading goes on: Windows' own bookmark, and the time up to which we have read. */
export interface EventLogMark {
  readonly xml: string
  readonly atMs: EpochMs
}

export const markText = ({ xml, atMs }: EventLogMark): string => JSON.stringify([atMs, xml])

/** @returns undefined where it is none of ours: reading then begins as at the first start */
export function parseMark(text: string | undefined): EventLogMark | undefined {
  try {
    const mark: unknown = JSON.parse(text ?? '')
    if (!Array.isArray(mark)) return undefined
    const [atMs, xml] = mark
    return typeof atMs === 'number' && typeof xml === 'string' ? { xml, atMs } : undefined
  } catch {
    return undefined
  }
}

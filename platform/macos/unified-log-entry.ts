/**
 * Reads a line of `log stream --style ndjson` or `log show --style ndjson`. Pure.
 *
 * The first lines are text (what is filtered, warnings about users), and `log show` ends with a count.
 * Times are local with an offset. `traceID` exceeds 2^53, so it is not read. The pid, the image and the
 * user of an entry are stamped by the system: a process can write any text, but only as itself.
 */
import type { EpochMs } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { fieldsOf, parseObject, textOf, wholeOf } from './json-fields.ts'

export type LogLine =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  /** The log itself tells that entries were dropped. */
  | { readonly kind: 'loss'; readonly atMs: EpochMs; readonly count?: number }
  /** Text around the entries, and kinds of entries without a message. */
  | { readonly kind: 'other' }

export interface LogEntry {
  readonly atMs: EpochMs
  readonly pid: number
  /** The program that wrote it, e.g. `/sbin/launchd`. */
  readonly image: string
  readonly subsystem: string
  readonly category: string
  readonly message: string
  /** Whose process it is. */
  readonly uid?: number
}

const PREAMBLE =
  /^(?:Filtering the log data using |Timestamp\s|Skipping (?:info|debug)|getpwuid_r |NOTE: |=+ )/

export function parseLogLine(line: string): Parsed<LogLine> {
  if (PREAMBLE.test(line)) return parsed({ kind: 'other' })
  const fields = parseObject(line)
  if (fields === undefined) return malformed('neither an entry in JSON nor a known text before it')
  const atMs = logTime(fields['timestamp'])
  if (atMs === undefined) {
    return 'finished' in fields ? parsed({ kind: 'other' }) : malformed('no time stamp')
  }
  if (fields['eventType'] === 'lossEvent') {
    const count = wholeOf(fields['lossCount']) ?? wholeOf(fieldsOf(fields['lossCount'])?.['count'])
    return parsed({ kind: 'loss', atMs, ...(count !== undefined && { count }) })
  }
  const message = textOf(fields['eventMessage'])
  const pid = wholeOf(fields['processID'])
  if (message === undefined || pid === undefined) return parsed({ kind: 'other' })
  const uid = wholeOf(fields['userID'])
  const entry: LogEntry = {
    atMs,
    pid,
    image: textOf(fields['processImagePath']) ?? '',
    subsystem: textOf(fields['subsystem']) ?? '',
    category: textOf(fields['category']) ?? '',
    message,
    ...(uid !== undefined && { uid }),
  }
  return parsed({ kind: 'entry', entry })
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?([+-]\d\d):?(\d\d)$/

/** `2025-06-24 14:32:34.176682+0300`: microseconds, cut to whole milliseconds. */
export function logTime(value: unknown): EpochMs | undefined {
  const match = typeof value === 'string' ? TIME.exec(value) : null
  if (match === null) return undefined
  const [, day, clock, fraction = '', hours, minutes] = match
  const atMs = Date.parse(`${day}T${clock}.${fraction.padEnd(3, '0')}${hours}:${minutes}`)
  return Number.isNaN(atMs) ? undefined : atMs
}

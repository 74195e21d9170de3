/**
 * Reads entries of `journalctl -o json`: jobs that cron logs, and services that systemd starts. Pure.
 *
 * Fields that begin with `_` are set by journald and can't be forged: a job's start counts only where
 * root's process logged it, and a unit's only from pid 1. A field is a string, an array of bytes
 * where it is no UTF-8, an array of those where it was given more than once, or null where it is large.
 * @see https://systemd.io/JOURNAL_EXPORT_FORMATS/
 */
import type { EpochMs, ScheduleRun } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { parseCronMessage } from './cron-log.ts'

export interface JournalEntry {
  readonly cursor: string
  readonly atMs: EpochMs
  /** Whose journal it is, where it tells. */
  readonly host?: string
  /** A run without its dataset; `undefined` for entries that tell of none. */
  readonly run?: Omit<ScheduleRun, 'dataset'>
  /**
   * Which start of a unit it is. systemd tells one start twice, when it begins and when it is done; of
   * a service that is up at once (`Type=simple`) it tells the second only.
   */
  readonly invocation?: string
}

/** The ids of systemd's "Starting UNIT" and "Started UNIT", the latter also for "Finished UNIT". */
export const UNIT_MESSAGES: readonly string[] = [
  '7d4958e842da4a758f6c1cdc7b36dcc5',
  '39f53479d3a045ac8e11786248231fbf',
]

/**
 * @param timerOf the id of the timer that starts a service, `undefined` for services without one
 */
export function parseJournalEntry(
  line: string,
  timerOf: (service: string) => string | undefined,
): Parsed<JournalEntry> {
  const fields = parseObject(line)
  if (fields === undefined) return malformed('not a JSON object')
  const cursor = textOf(fields['__CURSOR'])
  const stamp = textOf(fields['__REALTIME_TIMESTAMP'])
  if (cursor === undefined || stamp === undefined || !/^\d{10,17}$/.test(stamp)) {
    return malformed('no cursor or time stamp')
  }
  // When it was logged, where the program told; it was received a moment later.
  const source = textOf(fields['_SOURCE_REALTIME_TIMESTAMP']) ?? ''
  const atMs = Math.floor(Number(/^\d{10,17}$/.test(source) ? source : stamp) / 1000)
  const run = unitRun(fields, atMs, timerOf) ?? cronRun(fields, atMs)
  const invocation = run?.scheduler === 'systemd' ? textOf(fields['INVOCATION_ID']) : undefined
  const host = textOf(fields['_HOSTNAME'])
  return parsed({
    cursor,
    atMs,
    ...(host === undefined ? {} : { host }),
    ...(run === undefined ? {} : { run }),
    ...(invocation === undefined ? {} : { invocation }),
  })
}

type Fields = Readonly<Record<string, unknown>>

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (!Array.isArray(value) || value.length === 0) return undefined
  const isBytes = value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
  return isBytes ? Buffer.from(value).toString('utf8') : textOf(value[0])
}

function cronRun(fields: Fields, atMs: EpochMs): JournalEntry['run'] {
  const tag = textOf(fields['SYSLOG_IDENTIFIER'])
  const pid = Number(textOf(fields['_PID']) ?? textOf(fields['SYSLOG_PID']))
  if (tag === undefined || (textOf(fields['_UID']) ?? '0') !== '0') return undefined
  const message = textOf(fields['MESSAGE']) ?? ''
  return parseCronMessage({ tag, message, ...(Number.isInteger(pid) ? { pid } : {}) }, atMs)
}

function unitRun(
  fields: Fields,
  atMs: EpochMs,
  timerOf: (service: string) => string | undefined,
): JournalEntry['run'] {
  const isManager = textOf(fields['_PID']) === '1' && textOf(fields['_UID']) === '0'
  if (!isManager || !UNIT_MESSAGES.includes(textOf(fields['MESSAGE_ID']) ?? '')) return undefined
  const scheduleId = timerOf(textOf(fields['UNIT']) ?? '')
  if (scheduleId === undefined) return undefined
  return { kind: 'schedule-run', atMs, scheduler: 'systemd', scheduleId }
}

/**
 * Parses a line of a syslog file: traditional, RFC 3339, RFC 5424, with or without `<PRI>`. Pure.
 *
 * The program is what stands at the place of the tag, never what a message says: any user can log any
 * message. What no text file can tell is a tag that was forged with `logger -t`.
 * @see https://www.rfc-editor.org/rfc/rfc3164 and https://www.rfc-editor.org/rfc/rfc5424
 */
import type { EpochMs } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { parseSyslogTime, type ReadingTime } from './syslog-time.ts'

export interface SyslogLine {
  readonly atMs: EpochMs
  /** Who wrote it; `undefined` where programs wrote to /dev/log themselves. */
  readonly host?: string
  /** As written: `CRON`, `/USR/SBIN/CRON`, `run-parts(/etc/cron.daily)`; `undefined` without one. */
  readonly tag?: string
  readonly pid?: number
  readonly message: string
}

const STAMP =
  '([A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?|\\d{4}-\\d\\d-\\d\\d[T ][\\d:.,]{8,18}(?:Z|[+-]\\d\\d:?\\d\\d)?)'
const TAG = '([^\\s:[\\]]{1,128})(?:\\[(\\d{1,10})\\])?:(?: |$)'
const PRIORITY = /^<\d{1,3}>/
const RFC_5424 =
  /^1 (\S+) (\S+) (\S+) (\S+) \S+ (?:-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+)(?: (.*))?$/s
const STAMPED = new RegExp(`^${STAMP} (.*)$`, 's')
const TAG_FIRST = new RegExp(`^${TAG}(.*)$`, 's')
/** BusyBox writes the facility and the level before the tag. */
const HOST_FIRST = new RegExp(`^(\\S+) (?:[a-z0-9]+\\.[a-z]+ )?${TAG}(.*)$`, 's')

/** NUL runs are what a crash leaves of blocks that were never written: they stand before a line. */
export function parseSyslogLine(line: string, reading: ReadingTime): Parsed<SyslogLine> {
  const whole = line.startsWith('\0') ? line.replace(/^\0+/, '') : line
  const priority = PRIORITY.exec(whole)?.[0] ?? ''
  const text = whole.slice(priority.length)
  const structured = priority === '' ? null : RFC_5424.exec(text)
  if (structured) {
    const [, stamp = '', ...written] = structured
    const [host, tag, pid, message = ''] = written.map((text) => (text === '-' ? undefined : text))
    // A dash is what it does not know. rsyslog keeps the blank that stood behind the tag of the older form.
    return withTime(stamp, reading, { host, tag, pid, message: message.trimStart() })
  }
  const [, stamp, rest = ''] = STAMPED.exec(text) ?? []
  if (stamp === undefined) return malformed('no time stamp')
  // Without a host: what programs send to /dev/log, before syslogd adds it.
  const [, ownTag, ownPid, ownMessage] = TAG_FIRST.exec(rest) ?? []
  if (ownTag !== undefined) {
    return withTime(stamp, reading, { tag: ownTag, pid: ownPid, message: ownMessage ?? '' })
  }
  const [, host, tag, pid, message = rest] = HOST_FIRST.exec(rest) ?? []
  return withTime(stamp, reading, { host, tag, pid, message })
}

interface Written {
  readonly host?: string | undefined
  readonly tag: string | undefined
  readonly pid: string | undefined
  readonly message: string
}

function withTime(
  stamp: string,
  reading: ReadingTime,
  { host, tag, pid, message }: Written,
): Parsed<SyslogLine> {
  const atMs = parseSyslogTime(stamp, reading)
  if (atMs === undefined) return malformed('no such time')
  return parsed({
    atMs,
    message,
    ...(host !== undefined && { host }),
    ...(tag !== undefined && { tag }),
    ...(pid === undefined || !/^\d+$/.test(pid) ? {} : { pid: Number(pid) }),
  })
}

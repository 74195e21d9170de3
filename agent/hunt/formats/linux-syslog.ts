/**
 * Syslog of a Linux host: the jobs that cron starts, and what other senses write there: Sysmon for
 * Linux (the XML of an event) and auditd's records (audisp-syslog). All other lines are ignored.
 */

import type { Event } from '../../../platform/event.ts'
import { parseCronLine, parseCronMessage } from '../../../platform/linux/cron-log.ts'
import { parseSyslogLine, type SyslogLine } from '../../../platform/linux/syslog-line.ts'
import type { ReadingTime } from '../../../platform/linux/syslog-time.ts'
import { parsed } from '../../../platform/parsed.ts'
import { parseLine } from '../../../platform/recordings/windows-json-reader.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import type { ReaderContext, RecordedFormat, RecordReader } from './format.ts'
import { type LineTold, lineReader } from './lines.ts'
import { auditNodes } from './linux-audit.ts'

const DATASET = 'linux.cron_log'
const BUSYBOX = /^(?:crond: )?USER \S+ pid +\d+ cmd /
const AUDIT_RECORD = /^(?:node=\S+ )?type=\S+ msg=audit\(/

export const linuxSyslog: RecordedFormat = {
  name: 'syslog',
  description: 'syslog and cron logs: cron’s jobs, Sysmon for Linux, auditd’s records',
  is: ({ lines }) => lines.some((line) => BUSYBOX.test(line) || isSyslog(line)),
  open: syslogReader,
}

const isSyslog = (line: string): boolean =>
  parseSyslogLine(line, { nowMs: ANY_TIME, timeZone: 'UTC' }).ok
/** Whatever year it is: only the form is asked. A leap year, for the 29 February. */
const ANY_TIME = Date.UTC(2024, 11, 31)

function syslogReader({ sinks, modifiedMs, timeZone }: ReaderContext): RecordReader {
  const windows = windowsEvents()
  const reading: ReadingTime = { nowMs: modifiedMs, timeZone }
  let audited: Event[] = []
  let auditHost = ''
  const audit = auditNodes((host, events) => {
    if (events.length > 0 && host !== '') auditHost = host
    for (const event of events) audited.push(event)
  })

  function auditTold(host: string): LineTold {
    const events = audited
    audited = []
    return events.length === 0 ? undefined : { host: auditHost || host, events }
  }

  function messageTold(line: SyslogLine): LineTold {
    const { host = '', message } = line
    if (AUDIT_RECORD.test(message)) {
      audit.push([message])
      auditHost ||= host
      return auditTold(host)
    }
    const run = parseCronMessage(line, line.atMs)
    return run && { host, events: [{ ...run, dataset: DATASET }] }
  }

  return lineReader(
    sinks,
    (text) => {
      if (text.includes('<Event')) {
        const record = parseLine(text)
        if (record?.ok === false) return record
        if (record !== undefined) {
          const event = windows.read(record.value)
          if (event === 'malformed')
            return { ok: false, reason: 'a Sysmon event that lacks fields' }
          return parsed(
            event === 'ignored'
              ? undefined
              : { host: record.value.computer ?? '', events: [event] },
          )
        }
      }
      if (BUSYBOX.test(text)) {
        const run = parseCronLine(text, { ...reading, mayBeUndated: true })
        return run.ok
          ? parsed(run.value && { host: '', events: [{ ...run.value, dataset: DATASET }] })
          : run
      }
      const line = parseSyslogLine(text, reading)
      return line.ok ? parsed(messageTold(line.value)) : line
    },
    () => {
      audit.end()
      return auditTold('')
    },
  )
}

/**
 * A Windows event log for tests, as `test/live/wevtapi/wevtapi.c` serves it: a file a channel, to which
 * records are appended as Windows would log them. Records come from EVTX recordings, told as XML the way
 * Windows renders them, with what a test changes in them.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { evtxReader } from '../../platform/recordings/evtx-reader.ts'
import { recording } from './recordings.ts'

export interface LogRecord {
  readonly provider: string
  readonly channel: string
  readonly computer: string
  readonly eventId: number
  readonly createdMs: number
  readonly fields: Readonly<Record<string, string>>
}

/** Every record of an EVTX recording. */
export function recordedLog(path: string): LogRecord[] {
  const records: LogRecord[] = []
  const reader = evtxReader((record) => {
    const { provider, channel, computer = '', eventId, createdMs } = record
    const fields = Object.fromEntries(record.fields())
    records.push({ provider, channel, computer, eventId, createdMs, fields })
  })
  reader.push(readFileSync(recording(path)))
  reader.end()
  return records
}

/** @param number its place in the log */
export function eventXml(record: LogRecord, number: number): string {
  const { provider, channel, computer, eventId, createdMs, fields } = record
  const data = Object.entries(fields).map(
    ([name, text]) => `<Data Name='${name}'>${escaped(text)}</Data>`,
  )
  return [
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>",
    `<Provider Name='${provider}'/><EventID>${eventId}</EventID><Version>5</Version><Level>4</Level>`,
    `<TimeCreated SystemTime='${new Date(createdMs).toISOString().replace('Z', '0000Z')}'/>`,
    `<EventRecordID>${number}</EventRecordID><Correlation/>`,
    `<Channel>${channel}</Channel><Computer>${computer}</Computer></System>`,
    `<EventData>${data.join('')}</EventData></Event>`,
  ].join('')
}

const ESCAPES: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&apos;' }
const escaped = (text: string): string =>
  text.replace(/[<>&']/g, (char) => ESCAPES[char] ?? char).replace(/[\r\n]/g, '&#10;')

export interface WindowsLog {
  /** Logs records, each in its channel, all of a channel at once. */
  append(records: readonly LogRecord[]): void
  /** Clears a channel, with as many records that nobody has read: its numbers go on. */
  clear(channel: string, unread: number): void
  /** Makes the channel one that is switched off. */
  disable(channel: string): void
}

/** @param driveC where Windows' drive C: is; the channels are there at once, and empty */
export function windowsLog(driveC: string, channels: readonly string[]): WindowsLog {
  const folder = join(driveC, 'eventlog')
  mkdirSync(folder, { recursive: true })
  const numbers = new Map<string, number>()
  const fileOf = (channel: string): string => join(folder, channel.replaceAll('/', '%4'))
  for (const channel of channels) writeFileSync(fileOf(channel), '')
  return {
    append(records) {
      const lines = new Map<string, string>()
      for (const record of records) {
        const number = (numbers.get(record.channel) ?? 0) + 1
        numbers.set(record.channel, number)
        const line = `${number}\t${record.eventId}\t${eventXml(record, number)}\n`
        lines.set(record.channel, (lines.get(record.channel) ?? '') + line)
      }
      for (const [channel, text] of lines) appendFileSync(fileOf(channel), text)
    },
    clear(channel, unread) {
      numbers.set(channel, (numbers.get(channel) ?? 0) + unread)
      writeFileSync(fileOf(channel), '')
    },
    disable: (channel) => renameSync(fileOf(channel), `${fileOf(channel)}.disabled`),
  }
}

import type { FileSinks, RecordedFormat, RecordReader } from '../../agent/hunt/formats/format.ts'
import type { Event } from '../../platform/event.ts'
import { addressBook } from '../../platform/recordings/zeek-reader.ts'
import type { RecordedConnection } from '../../platform/recordings/zeek-record.ts'

export interface FormatRead extends Pick<RecordReader, 'counts' | 'faults' | 'refusal'> {
  readonly events: readonly { readonly host: string; readonly event: Event }[]
  readonly connections: readonly RecordedConnection[]
}

/** Reads a text by a format, in pieces of so many bytes: the result must not depend on that. */
export function readFormat(
  format: RecordedFormat,
  text: string | Buffer,
  { path = 'a.log', pieceBytes = 97 } = {},
): FormatRead {
  const events: { host: string; event: Event }[] = []
  const connections: RecordedConnection[] = []
  const sinks: FileSinks = {
    connection: (connection) => connections.push(connection),
    name: () => {},
    event: (host, event) => events.push({ host, event }),
  }
  const reader = format.open({
    ...{ sinks, path, timeZone: 'Europe/Berlin', intern: addressBook() },
    modifiedMs: Date.UTC(2026, 11, 1),
  })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes))
  }
  reader.end()
  const { counts, faults, refusal } = reader
  return { counts, faults, refusal, events, connections }
}

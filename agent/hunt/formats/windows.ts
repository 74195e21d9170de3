/** Windows event logs: EVTX, and records in lines (JSON as shippers export them, XML of events). */
import { evtxReader, isEvtx } from '../../../platform/recordings/evtx-reader.ts'
import { windowsLinesReader } from '../../../platform/recordings/windows-json-reader.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import type { WindowsRecord } from '../../../platform/windows/windows-record.ts'
import type { FileHead, FileSinks, RecordedFormat, RecordReader } from './format.ts'

/** Names that stand in every record of a form, and in no log of Zeek. */
const WINDOWS_JSON = /"(?:EventID|event_id|event_data|winlog(?:\.\w+)?)"\s*:/
const EVENT_XML = /^<Event(?:\s[^>]*)?>\s*<System>/

export const evtx: RecordedFormat = {
  name: 'evtx',
  description: 'Windows event logs (.evtx)',
  is: ({ bytes }) => isEvtx(bytes),
  open: ({ sinks }) => evtxEvents(sinks),
}

export const windowsLines: RecordedFormat = {
  name: 'windows-lines',
  description: 'Windows events as JSON or XML, a record a line',
  is: ({ text }: FileHead) =>
    text.startsWith('{') ? WINDOWS_JSON.test(firstLine(text)) : EVENT_XML.test(text),
  open: ({ sinks }) => windowsLineEvents(sinks),
}

const firstLine = (text: string): string => {
  const end = text.indexOf('\n')
  return end < 0 ? text : text.slice(0, end)
}

/** Hands on the events of records, and counts what became of each. */
function windowsSink(sinks: FileSinks) {
  const windows = windowsEvents()
  const counts = { connections: 0, names: 0, ignored: 0, malformed: 0 }
  return {
    counts,
    take(record: WindowsRecord): void {
      const event = windows.read(record)
      if (typeof event === 'string') counts[event]++
      else {
        if (event.kind === 'connection') counts.connections++
        if (event.kind === 'name-resolved') counts.names++
        sinks.event(record.computer ?? '', event)
      }
    },
  }
}

function evtxEvents(sinks: FileSinks): RecordReader {
  const { counts, take } = windowsSink(sinks)
  const reader = evtxReader(take)
  return {
    get counts() {
      const { records, malformed, missed } = reader.counts
      const lost = malformed + missed
      return { ...counts, rows: records + lost, malformed: counts.malformed + lost }
    },
    // A record has no line; how many there are is told.
    faults: [],
    get refusal() {
      return reader.refusal
    },
    push: reader.push,
    end: reader.end,
  }
}

function windowsLineEvents(sinks: FileSinks): RecordReader {
  const { counts, take } = windowsSink(sinks)
  const reader = windowsLinesReader(take)
  return {
    get counts() {
      const { rows, ignored, malformed } = reader.counts
      return {
        ...counts,
        rows,
        ignored: counts.ignored + ignored,
        malformed: counts.malformed + malformed,
      }
    },
    faults: reader.faults,
    refusal: undefined,
    push: reader.push,
    end: reader.end,
  }
}

/** What a recorded file is, told by its first bytes: names lie. Pure. */
import { isEvtx } from '../../platform/recordings/evtx-reader.ts'

export type RecordedFormat = 'evtx' | 'windows-lines' | 'zeek'

/** Names that stand in every record of a form, and in no log of Zeek. */
const WINDOWS_JSON = /"(?:EventID|event_id|event_data|winlog(?:\.\w+)?)"\s*:/
const EVENT_XML = /<Event(?:\s[^>]*)?>\s*<System>/

/** @param head as much of it as came at once; Zeek where nothing else is told, as its reader refuses */
export function formatOf(head: Buffer): RecordedFormat {
  if (isEvtx(head)) return 'evtx'
  const text = head.toString('latin1')
  // A byte order mark, as text of single bytes.
  const start = text.replace(/^(?:\u00EF\u00BB\u00BF)?\s*/, '')
  if (start.startsWith('{')) return WINDOWS_JSON.test(firstLine(start)) ? 'windows-lines' : 'zeek'
  return EVENT_XML.test(text) ? 'windows-lines' : 'zeek'
}

const firstLine = (text: string): string => {
  const end = text.indexOf('\n')
  return end < 0 ? text : text.slice(0, end)
}

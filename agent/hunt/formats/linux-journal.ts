/** The systemd journal as `journalctl -o json` writes it: the jobs that cron starts, Sysmon for Linux. */
import { parseJournalEntry } from '../../../platform/linux/journal.ts'
import { parsed } from '../../../platform/parsed.ts'
import { parseEventXml } from '../../../platform/windows/event-xml.ts'
import { windowsEvents } from '../../../platform/windows/windows-events.ts'
import type { ReaderContext, RecordedFormat, RecordReader } from './format.ts'
import { lineReader } from './lines.ts'

const DATASET = 'linux.journal'
const ENTRY = /"__REALTIME_TIMESTAMP"\s*:/

export const linuxJournal: RecordedFormat = {
  name: 'journal',
  description: 'the systemd journal (journalctl -o json)',
  is: ({ text, lines: [first = ''] }) => text.startsWith('{') && ENTRY.test(first || text),
  open: journalReader,
}

function journalReader({ sinks }: ReaderContext): RecordReader {
  const windows = windowsEvents()
  return lineReader(sinks, (line) => {
    // A service's start names no process: which of the recorded ones it set off can't be told by it.
    const entry = parseJournalEntry(line, () => undefined)
    if (!entry.ok) return entry
    const { run, host = '' } = entry.value
    if (run !== undefined) return parsed({ host, events: [{ ...run, dataset: DATASET }] })
    const message = line.includes('<Event') ? messageOf(line) : ''
    if (!message.startsWith('<Event')) return parsed(undefined)
    const record = parseEventXml(message)
    if (!record.ok) return record
    const event = windows.read(record.value)
    if (event === 'malformed') return { ok: false, reason: 'a Sysmon event that lacks fields' }
    return parsed(
      event === 'ignored' ? undefined : { host: record.value.computer ?? host, events: [event] },
    )
  })
}

const messageOf = (line: string): string => {
  const { MESSAGE } = JSON.parse(line) as { MESSAGE?: unknown }
  return typeof MESSAGE === 'string' ? MESSAGE.trimStart() : ''
}

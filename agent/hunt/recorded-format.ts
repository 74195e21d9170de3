/** What a recorded file is, told by its first bytes: names lie. Pure. */
import type { FileHead, RecordedFormat } from './formats/format.ts'
import { linuxAudit } from './formats/linux-audit.ts'
import { linuxConntrack } from './formats/linux-conntrack.ts'
import { linuxCrontab } from './formats/linux-crontab.ts'
import { linuxJournal } from './formats/linux-journal.ts'
import { linuxSyslog } from './formats/linux-syslog.ts'
import { macosEslogger } from './formats/macos-eslogger.ts'
import { macosPlist } from './formats/macos-plist.ts'
import { macosUnifiedLog } from './formats/macos-unified-log.ts'
import { evtx, windowsLines } from './formats/windows.ts'
import { zeek } from './formats/zeek.ts'

/** All that can be read, the stricter tests first: the first that says yes has it. */
export const RECORDED_FORMATS: readonly RecordedFormat[] = [
  evtx,
  macosEslogger,
  macosUnifiedLog,
  macosPlist,
  windowsLines,
  linuxJournal,
  linuxAudit,
  linuxConntrack,
  linuxSyslog,
  linuxCrontab,
  zeek,
]

/** Lines of the head that formats look at. */
const MAX_HEAD_LINES = 20

/** @returns `undefined` where it is none of them */
export const formatOf = (head: FileHead): RecordedFormat | undefined =>
  RECORDED_FORMATS.find((format) => format.is(head))

/** @param bytes as much of the file as came at once */
export function headOf(path: string, bytes: Buffer): FileHead {
  // A byte order mark, as text of single bytes; NUL runs are what a crash leaves of a log.
  const text = bytes.toString('latin1').replace(/^(?:\u00EF\u00BB\u00BF)?[\s\0]*/, '')
  const lines: string[] = []
  for (let from = 0; lines.length < MAX_HEAD_LINES && from < text.length; ) {
    const end = text.indexOf('\n', from)
    const line = text.slice(from, end < 0 ? text.length : end).trimEnd()
    if (line !== '') lines.push(line)
    if (end < 0) break
    from = end + 1
  }
  return { path, bytes, text, lines }
}

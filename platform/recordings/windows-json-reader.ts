/**
 * Records of Windows event logs that come in lines: a JSON object each, or the XML of an event behind
 * whatever syslog puts before it (Sysmon for Linux). Pure but for its own state.
 *
 * Every line that is not empty is accounted for: `rows = records + ignored + malformed`. A line with
 * neither is another program's, in the same syslog.
 */
import type { Parsed } from '../parsed.ts'
import { lineSplitter } from '../shared/lines.ts'
import { parseEventXml } from '../windows/event-xml.ts'
import type { WindowsRecord } from '../windows/windows-record.ts'
import { parseWindowsJson } from './windows-json.ts'

/** Lines whose fault is told with its number; of more, only how many is. */
const MAX_TOLD_FAULTS = 5

export interface WindowsLinesCounts {
  rows: number
  records: number
  ignored: number
  malformed: number
}

export interface WindowsLinesReader {
  readonly counts: Readonly<WindowsLinesCounts>
  /** The first malformed lines; 1 is the first. */
  readonly faults: readonly { readonly line: number; readonly reason: string }[]
  push(chunk: Buffer): void
  /** The last line may lack its line feed. */
  end(): void
}

export function windowsLinesReader(hand: (record: WindowsRecord) => void): WindowsLinesReader {
  const counts = { rows: 0, records: 0, ignored: 0, malformed: 0 }
  const faults: { line: number; reason: string }[] = []
  const splitter = lineSplitter()
  let overlong = 0
  let line = 0

  function take(result: Parsed<WindowsRecord> | undefined): void {
    counts.rows++
    if (result === undefined) {
      counts.ignored++
      return
    }
    if (result.ok) {
      counts.records++
      hand(result.value)
      return
    }
    counts.malformed++
    if (faults.length < MAX_TOLD_FAULTS) faults.push({ line, reason: result.reason })
  }

  function readLines(lines: readonly string[]): void {
    for (const text of lines) {
      line++
      if (text.trim() !== '') take(parseLine(text))
    }
    for (; overlong < splitter.overlong; overlong++) {
      line++
      take({ ok: false, reason: 'a line beyond 1 MiB' })
    }
  }

  return {
    counts,
    faults,
    push: (chunk) => readLines(splitter.push(chunk)),
    end() {
      const rest = splitter.flush()
      readLines(rest === undefined ? [] : [rest])
    },
  }
}

/** One line, in whichever of the forms; `undefined` where it is in none. */
export function parseLine(line: string): Parsed<WindowsRecord> | undefined {
  const text = line.replace(/^\uFEFF/, '').trimStart()
  if (text.startsWith('{')) return parseWindowsJson(text)
  const xml = text.indexOf('<Event')
  return xml < 0 ? undefined : parseEventXml(unescapeSyslog(text.slice(xml)))
}

/** Control characters as rsyslog writes them: `#012` is a line feed. Only where XML allows it. */
const unescapeSyslog = (text: string): string =>
  text.replace(/#(011|012|015)/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))

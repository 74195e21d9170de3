/**
 * Reads a format of lines: cuts, numbers and counts them, whatever they tell. Pure but for its own
 * state. A line that tells of nothing is ignored, one that can't be read is told with its number.
 */
import type { Event } from '../../../platform/event.ts'
import type { Parsed } from '../../../platform/parsed.ts'
import { lineSplitter } from '../../../platform/shared/lines.ts'
import type { FileSinks, RecordReader } from './format.ts'

/** Lines whose fault is told with its number; of more, only how many is. */
const MAX_TOLD_FAULTS = 5

/** What a line told: events of a host, or `undefined` for nothing. */
export type LineTold = { readonly host: string; readonly events: readonly Event[] } | undefined

/** @param rest what is told when the file is over */
export function lineReader(
  sinks: FileSinks,
  read: (line: string) => Parsed<LineTold>,
  rest: () => LineTold = () => undefined,
): RecordReader {
  const counts = { rows: 0, connections: 0, names: 0, ignored: 0, malformed: 0 }
  const faults: { line: number; reason: string }[] = []
  const splitter = lineSplitter()
  let overlong = 0
  let line = 0

  function hand(told: LineTold): void {
    if (told === undefined) return
    for (const event of told.events) {
      if (event.kind === 'connection') counts.connections++
      if (event.kind === 'name-resolved') counts.names++
      sinks.event(told.host, event)
    }
  }

  function take(result: Parsed<LineTold>): void {
    counts.rows++
    if (!result.ok) {
      counts.malformed++
      if (faults.length < MAX_TOLD_FAULTS) faults.push({ line, reason: result.reason })
    } else if (result.value === undefined) counts.ignored++
    else hand(result.value)
  }

  function readLines(lines: readonly string[]): void {
    for (const text of lines) {
      line++
      if (text !== '') take(read(text))
    }
    for (; overlong < splitter.overlong; overlong++) {
      line++
      take({ ok: false, reason: 'a line beyond 1 MiB' })
    }
  }

  return {
    counts,
    faults,
    refusal: undefined,
    push: (chunk) => readLines(splitter.push(chunk)),
    end() {
      const last = splitter.flush()
      readLines(last === undefined ? [] : [last])
      hand(rest())
    },
  }
}

/** Reads recorded lines through a stream of the live agent, which keeps its own books. */
import type { CollectorCounters } from '../../../platform/collector.ts'
import type { EpochMs, Event } from '../../../platform/event.ts'
import { malformed, type Parsed, parsed } from '../../../platform/parsed.ts'
import type { FileSinks, RecordReader } from './format.ts'
import { lineReader } from './lines.ts'

export interface LineStream {
  push(lines: readonly string[], nowMs: EpochMs): Event[]
}

/** @param reasonOf says why a line that the stream refused is none: few are, and they are read again */
export function streamReader(
  sinks: FileSinks,
  stream: LineStream,
  counters: CollectorCounters,
  reasonOf: (line: string) => Parsed<unknown>,
): RecordReader {
  const reader = lineReader(sinks, (line) => {
    const before = counters.malformed
    const events = stream.push([line], 0)
    if (counters.malformed > before) {
      const result = reasonOf(line)
      return result.ok ? malformed('no record of this format') : result
    }
    // No record of macOS names its host.
    return parsed(events.length === 0 ? undefined : { host: '', events })
  })
  return {
    ...reader,
    get counts() {
      return { ...reader.counts, missing: counters.missed }
    },
  }
}

/**
 * launchd starts each service of the system by its label. Without their definitions, only those that
 * nobody at Apple named are told as runs of a job; with them, their command names them all the same.
 */
export const isAddedJob = (label: string): boolean => !label.startsWith('com.apple.')

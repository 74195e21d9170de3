/** Runs `eslogger exec fork exit`: every process that starts, forks or ends on this Mac. */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import { SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { esloggerComplaint } from './eslogger-complaint.ts'
import { esloggerStream } from './eslogger-stream.ts'
import { lineChild } from './line-child-collector.ts'

const dataset = 'macos.eslogger'

/** A Mac that is awake starts a process every few seconds, so this much silence is a hang. */
const SILENCE_MS = 10 * 60_000

export interface EsloggerOptions {
  readonly clock: Clock
  /** Whether a label is a job whose runs matter: `launchd-jobs-collector.ts` knows. */
  readonly isJob?: (label: string) => boolean
  /** The program and its first arguments; tests put another there. */
  readonly command?: readonly [string, ...string[]]
  readonly silenceMs?: number
}

export function esloggerCollector(options: EsloggerOptions): Collector {
  const { clock, isJob, command = ['/usr/bin/eslogger'], silenceMs = SILENCE_MS } = options
  const counters = zeroCounters()
  const stream = esloggerStream(dataset, counters, isJob)

  return {
    dataset,
    description: 'processes that start, fork and end, by eslogger',
    counters,
    async *batches(signal) {
      stream.restart()
      const child = lineChild({ command: [...command, 'exec', 'fork', 'exit'], silenceMs }, signal)
      yield { events: [] }
      for await (const { lines, overlong } of child.batches()) {
        const events = stream.push(lines, clock.now())
        if (overlong > 0) events.push(given(clock.now(), overlong))
        if (events.length > 0) yield { events }
      }
      const { complaint, how, hasHalfLine } = await child.end()
      if (signal.aborted) return
      if (hasHalfLine) yield { events: [given(clock.now(), 1)] }
      const { reason, remedy } = esloggerComplaint(complaint, how)
      throw new SourceError(`${command[0]}: ${reason}`, { remedy })
    },
  }

  /** Lines that never ended. */
  function given(atMs: number, count: number): Event {
    counters.received += count
    counters.malformed += count
    return { kind: 'loss', atMs, dataset, count, reason: 'malformed' }
  }
}

/**
 * Runs `log stream`: jobs that launchd spawned, connections and their bytes, and sockets of the kernel.
 *
 * The predicate is applied by the system, so that the rest of the log, thousands of entries a second,
 * does not reach this process. There is no place to go on from: what was logged between two runs of the
 * child is not asked for again, and the supervisor tells the gap.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import { SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { lineChild } from './line-child-collector.ts'
import { type LogLookups, unifiedLogStream } from './unified-log-stream.ts'

const dataset = 'macos.unified_log'

/** A Mac on a network opens a connection far more often, so this much silence is a hang. */
const SILENCE_MS = 30 * 60_000

/** What `unified-log-message.ts` reads, and little else. */
const PREDICATE = [
  '(processID == 1 AND eventMessage CONTAINS "Successfully spawned ")',
  '(subsystem == "com.apple.network" AND (eventMessage ENDSWITH "] start" OR eventMessage CONTAINS "event: flow:finish_connect"))',
  '(subsystem == "com.apple.CFNetwork" AND eventMessage CONTAINS " summary for task ")',
  '(processID == 0 AND (eventMessage BEGINSWITH "tcp connect outgoing" OR eventMessage BEGINSWITH "tcp_connection_summary"))',
].join(' OR ')
const ARGUMENTS = ['stream', '--style', 'ndjson', '--level', 'info', '--predicate', PREDICATE]

/** `launchd-jobs-collector.ts` knows the jobs, `lsof-collector.ts` the sockets. */
export interface UnifiedLogOptions extends LogLookups {
  readonly clock: Clock
  /** The program and its first arguments; tests put another there. */
  readonly command?: readonly [string, ...string[]]
  readonly silenceMs?: number
}

export function unifiedLogCollector(options: UnifiedLogOptions): Collector {
  const { clock, command = ['/usr/bin/log'], silenceMs = SILENCE_MS, ...lookups } = options
  const counters = zeroCounters()

  return {
    dataset,
    description: 'jobs that launchd spawned, and connections, in the unified log',
    counters,
    async *batches(signal) {
      const stream = unifiedLogStream(dataset, counters, lookups)
      const child = lineChild({ command: [...command, ...ARGUMENTS], silenceMs }, signal)
      yield { events: [] }
      for await (const { lines, overlong } of child.batches()) {
        const events = stream.push(lines, clock.now())
        if (overlong > 0) events.push(given(clock.now(), overlong))
        if (events.length > 0) yield { events }
      }
      const { complaint, how, hasHalfLine } = await child.end()
      if (signal.aborted) return
      if (hasHalfLine) yield { events: [given(clock.now(), 1)] }
      const reason = complaint.trim().split('\n').at(-1) || how
      throw new SourceError(`${command[0]}: ${reason}`, { remedy: REMEDY })
    },
  }

  /** Lines that never ended. */
  function given(atMs: number, count: number): Event {
    counters.received += count
    counters.malformed += count
    return { kind: 'loss', atMs, dataset, count, reason: 'malformed' }
  }
}

const REMEDY =
  'run tidewatch as root or as an administrator: other users may not read the whole log'

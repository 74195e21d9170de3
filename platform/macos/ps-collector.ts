/**
 * Asks `ps` once what runs already, so that what these processes start and send has its parents; from
 * then on eslogger tells.
 */
import { once } from 'node:events'
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Event } from '../event.ts'
import { printed } from './program-collector.ts'
import { PS_COLUMNS, parsePs } from './ps.ts'

const dataset = 'macos.ps'

const TIMEOUT_MS = 20_000

export interface PsOptions {
  readonly clock: Clock
  readonly timeoutMs?: number
  readonly command?: string
}

export function psCollector(options: PsOptions): Collector {
  const { clock, timeoutMs = TIMEOUT_MS, command = '/bin/ps' } = options
  const counters = zeroCounters()
  const listing = (last: string, signal: AbortSignal) =>
    printed([command, '-axww', '-o', `${PS_COLUMNS},${last}=`], timeoutMs, signal)

  return {
    dataset,
    description: `processes that run when the agent starts, by ${command}`,
    counters,
    async *batches(signal) {
      const atMs = clock.now()
      const comms = await listing('comm', signal)
      const commands = await listing('command', signal)
      if (comms === undefined || commands === undefined) return
      const processes = parsePs(comms, commands, atMs)
      const rows = comms.split('\n').filter((line) => line.trim() !== '').length
      counters.received += rows
      counters.emitted += processes.length
      counters.malformed += rows - processes.length
      yield {
        events: processes.map(
          (process): Event => ({ kind: 'process-start', atMs, dataset, process }),
        ),
      }
      if (!signal.aborted) await once(signal, 'abort')
    },
  }
}

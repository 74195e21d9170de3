/**
 * Asks `nettop` every half minute how much each open connection has carried: the only count of payload
 * that macOS gives for every program. What is over before a look was never asked for; the kernel's
 * summaries in the unified log know those.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Endpoint, Event } from '../event.ts'
import { type NettopConnection, parseNettop } from './nettop.ts'
import { printed } from './program-collector.ts'

const dataset = 'macos.nettop'

/** A look costs a process of its own; what lasts less than half a minute has its bytes elsewhere. */
const POLL_MS = 30_000
const TIMEOUT_MS = 20_000
/** -L 1 one sample as CSV, -n numbers, -x exact counts; without -P each connection has its row. */
const ARGUMENTS = ['-L', '1', '-n', '-x'] as const

export interface NettopOptions {
  readonly clock: Clock
  /** Its own connections are not told. */
  readonly ownPid: number
  /** Time between looks, ms. */
  readonly pollMs?: number
  readonly timeoutMs?: number
  readonly command?: string
  /** This host's end of a connection, as the source that first told of it names it. */
  readonly sourceOf?: (source: Endpoint, destination: Endpoint) => Endpoint
}

export function nettopCollector(options: NettopOptions): Collector {
  const { clock, ownPid, pollMs = POLL_MS, timeoutMs = TIMEOUT_MS } = options
  const { command = '/usr/bin/nettop', sourceOf = (source) => source } = options
  const counters = zeroCounters()

  return {
    dataset,
    description: `volume of open connections by ${command}, every ${pollMs / 1000} s`,
    counters,
    async *batches(signal) {
      /** What was told of each connection, to tell it again only when it has changed. */
      let told = new Map<string, string>()
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const text = await printed([command, ...ARGUMENTS], timeoutMs, signal)
        if (text === undefined) return
        const { connections, listening, processes, malformed } = parseNettop(text)
        const fresh = connections.filter((one) => {
          const isInbound = listening.has(`${one.transport} ${one.source.port}`)
          return !isInbound && one.pid !== ownPid && told.get(keyOf(one)) !== countsOf(one)
        })
        told = new Map(connections.map((one) => [keyOf(one), countsOf(one)]))
        const events: Event[] = fresh.map(
          ({ pid, name, transport, source, destination, sentBytes, receivedBytes }) => ({
            kind: 'connection',
            phase: 'progress',
            atMs,
            dataset,
            transport,
            source: sourceOf(source, destination),
            destination,
            process: { pid, name },
            sentBytes,
            receivedBytes,
          }),
        )
        if (malformed > 0) {
          events.push({ kind: 'loss', atMs, dataset, count: malformed, reason: 'malformed' })
        }
        counters.received += connections.length + processes.length + malformed
        counters.emitted += fresh.length
        counters.ignored += connections.length - fresh.length + processes.length
        counters.malformed += malformed
        if (events.length > 0) yield { events }
      }
    },
  }
}

const keyOf = ({ transport, source, destination }: NettopConnection): string =>
  `${transport} ${source.ip} ${source.port} ${destination.ip} ${destination.port}`

const countsOf = ({ sentBytes, receivedBytes }: NettopConnection): string =>
  `${sentBytes} ${receivedBytes}`

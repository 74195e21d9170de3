/**
 * Asks `lsof` every few seconds which process has which connection: the one source on macOS that tells
 * process and address in clear without a kernel extension. What opens and closes between two looks is not
 * seen here; the unified log tells of it, masked.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Connection, Endpoint, EpochMs, Event } from '../event.ts'
import { LSOF_ARGUMENTS, parseLsof } from './lsof.ts'
import { lsofTracker, type OpenSocket } from './lsof-tracker.ts'
import type { MaskedConnections } from './masked-connections.ts'
import { printed } from './program-collector.ts'

const dataset = 'macos.lsof'

/** A look asks the kernel for the open files of every process: some 50 ms. */
const POLL_MS = 5_000
/** A look that takes longer hangs, ms. */
const TIMEOUT_MS = 20_000
/** A look is stamped when it begins, and sees what opens before it ends. */
const LOOK_TAKES_MS = 2_000

export interface LsofOptions {
  readonly clock: Clock
  /** Its own connections are not told. */
  readonly ownPid: number
  /** Time between looks, ms. */
  readonly pollMs?: number
  readonly timeoutMs?: number
  readonly command?: string
  /** The log's name for this host's end of a socket opened since then: both are one connection. */
  readonly claim?: MaskedConnections['claim']
}

export interface LsofCollector extends Collector {
  /** Both ends in clear of a TCP connection that was open at the last look. */
  socketOf(localPort: number, remotePort: number): OpenSocket | undefined
  /** This host's end of an open connection, as the log names it where it told of it. */
  sourceOf(source: Endpoint, destination: Endpoint): Endpoint
}

export function lsofCollector(options: LsofOptions): LsofCollector {
  const { clock, ownPid, pollMs = POLL_MS, timeoutMs = TIMEOUT_MS } = options
  const { command = '/usr/sbin/lsof' } = options
  const counters = zeroCounters()
  let tracker = lsofTracker()
  /** Of open connections that the log told of: its name for this host's end, by both ends. */
  const claimed = new Map<string, Endpoint>()
  const sourceOf: LsofCollector['sourceOf'] = (source, destination) =>
    claimed.get(endsOf(source, destination)) ?? source

  function claim(opened: readonly OpenSocket[], sinceMs: EpochMs): void {
    for (const { source, destination, process } of opened) {
      const name = options.claim?.(process.pid, destination, sinceMs)
      if (name !== undefined) claimed.set(endsOf(source, destination), name)
    }
  }

  return {
    dataset,
    description: `open connections by ${command}, every ${pollMs / 1000} s`,
    counters,
    seesConnections: true,
    socketOf: (localPort, remotePort) => tracker.find(localPort, remotePort),
    sourceOf,
    async *batches(signal) {
      tracker = lsofTracker()
      claimed.clear()
      let lookedMs: EpochMs | undefined
      let malformedBefore = 0
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const text = await printed([command, ...LSOF_ARGUMENTS], timeoutMs, signal)
        if (text === undefined) return
        const { sockets, malformed } = parseLsof(text)
        const { opened, ended } = tracker.look(sockets)
        if (lookedMs !== undefined) claim(opened, lookedMs - LOOK_TAKES_MS)
        const phase = lookedMs === undefined ? 'progress' : 'start'
        const events: Event[] = [
          ...ended.map((socket) => toEvent(socket, 'end', atMs)),
          ...opened.map((socket) => toEvent(socket, phase, atMs)),
        ].filter(({ process }) => process?.pid !== ownPid)
        lookedMs = atMs
        for (const { source, destination } of ended) claimed.delete(endsOf(source, destination))
        counters.received += sockets.length + malformed
        counters.emitted += opened.length
        counters.ignored += sockets.length - opened.length
        counters.malformed += malformed
        // A socket that cannot be read stays: it is told when it comes, not at every look.
        const count = malformed - malformedBefore
        malformedBefore = malformed
        if (count > 0) events.push({ kind: 'loss', atMs, dataset, count, reason: 'malformed' })
        if (events.length > 0) yield { events }
      }
    },
  }

  function toEvent(socket: OpenSocket, phase: Connection['phase'], atMs: number): Connection {
    const { transport, destination, process } = socket
    const source = sourceOf(socket.source, destination)
    return { kind: 'connection', phase, atMs, dataset, transport, source, destination, process }
  }
}

const endsOf = (source: Endpoint, destination: Endpoint): string =>
  `${source.ip} ${source.port} ${destination.ip} ${destination.port}`

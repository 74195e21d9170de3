/**
 * Asks `lsof` every few seconds which process has which connection: the one source on macOS that tells
 * process and address in clear without a kernel extension. What opens and closes between two looks is not
 * seen here; the unified log tells of it, masked.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Connection, Event } from '../event.ts'
import { LSOF_ARGUMENTS, parseLsof } from './lsof.ts'
import { lsofTracker, type OpenSocket } from './lsof-tracker.ts'
import { printed } from './program-collector.ts'

const dataset = 'macos.lsof'

/** A look asks the kernel for the open files of every process: some 50 ms. */
const POLL_MS = 5_000
/** A look that takes longer hangs, ms. */
const TIMEOUT_MS = 20_000

export interface LsofOptions {
  readonly clock: Clock
  /** Its own connections are not told. */
  readonly ownPid: number
  /** Time between looks, ms. */
  readonly pollMs?: number
  readonly timeoutMs?: number
  readonly command?: string
}

export interface LsofCollector extends Collector {
  /** Both ends in clear of a TCP connection that was open at the last look. */
  socketOf(localPort: number, remotePort: number): OpenSocket | undefined
}

export function lsofCollector(options: LsofOptions): LsofCollector {
  const { clock, ownPid, pollMs = POLL_MS, timeoutMs = TIMEOUT_MS } = options
  const { command = '/usr/sbin/lsof' } = options
  const counters = zeroCounters()
  let tracker = lsofTracker()

  return {
    dataset,
    description: `open connections by ${command}, every ${pollMs / 1000} s`,
    counters,
    seesConnections: true,
    socketOf: (localPort, remotePort) => tracker.find(localPort, remotePort),
    async *batches(signal) {
      tracker = lsofTracker()
      let isFirst = true
      let malformedBefore = 0
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const text = await printed([command, ...LSOF_ARGUMENTS], timeoutMs, signal)
        if (text === undefined) return
        const { sockets, malformed } = parseLsof(text)
        const { opened, ended } = tracker.look(sockets)
        const events: Event[] = [
          ...ended.map((socket) => toEvent(socket, 'end', atMs)),
          ...opened.map((socket) => toEvent(socket, isFirst ? 'progress' : 'start', atMs)),
        ].filter(({ process }) => process?.pid !== ownPid)
        isFirst = false
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
}

function toEvent(socket: OpenSocket, phase: Connection['phase'], atMs: number): Connection {
  const { transport, source, destination, process } = socket
  return { kind: 'connection', phase, atMs, dataset, transport, source, destination, process }
}

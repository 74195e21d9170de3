/**
 * Which socket is which connection of the log: Network.framework's lines have the process, the time and
 * the remote port, but neither this host's port nor, by default, an address in clear. lsof has these. Both
 * mean the same connection where a process began one to that port since lsof looked last. Pure.
 *
 * It guesses where a process began several at once: the first of those that may be it is taken where all
 * go to one place, and none where they do not. A wrong guess would join two destinations.
 */
import { isMasked } from '../address.ts'
import type { Endpoint, EpochMs } from '../event.ts'

/** A connection that the log told of. */
export interface LoggedConnection {
  readonly pid: number
  /** A mask that no other connection has: it stands for this host's end. */
  readonly source: Endpoint
  /** In clear, or a mask. */
  readonly destination: Endpoint
  readonly startMs: EpochMs
}

export interface MaskedConnections {
  begun(connection: LoggedConnection): void
  /** The log's name for this host's end of a socket that was opened since `sinceMs`. */
  claim(pid: number, destination: Endpoint, sinceMs: EpochMs): Endpoint | undefined
}

const MAX_WAITING = 1_024

export function maskedConnections(): MaskedConnections {
  /** Told of, and not yet seen by lsof; the oldest first. */
  let waiting: LoggedConnection[] = []

  return {
    begun(connection) {
      waiting.push(connection)
      if (waiting.length > MAX_WAITING) waiting = waiting.slice(-MAX_WAITING / 2)
    },
    claim(pid, destination, sinceMs) {
      const fitting = waiting.filter(
        (one) =>
          one.pid === pid &&
          one.startMs >= sinceMs &&
          one.destination.port === destination.port &&
          (isMasked(one.destination.ip) || one.destination.ip === destination.ip),
      )
      const [first] = fitting
      const places = new Set(fitting.map((one) => one.destination.ip))
      if (first === undefined || places.size > 1) return undefined
      waiting = waiting.filter((one) => one !== first)
      return first.source
    },
  }
}

/**
 * Which connections are the agent's own: shipping recurs by nature, and must not be found.
 *
 * Of this run: sources that know the process leave it out by its pid; conntrack knows only ports, and
 * they are noted here. Of earlier runs: after a restart, sources tell of the past (auditd's log from
 * the bookmark on, connections that conntrack sees end), when the agent had another pid and other
 * ports. So a run leaves a note of its pid and of where it went. The note holds only for what began
 * before this run: a program that gets the old pid later is seen.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { parseIp } from '../platform/address.ts'
import { codeOf } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'
import type { Store } from '../storage/store.ts'
import type { Flow } from './correlate/connections.ts'

/** Ports of connections that ended long ago are forgotten: conntrack tells of them for 2 min. */
const MAX_SOCKETS = 1_024
/** More hosts than an agent has outputs and fleet servers, with each of their addresses. */
const MAX_DESTINATIONS = 64
/** A log that is read on from a bookmark may span some starts that failed. */
const MAX_RUNS = 8
/** Node publishes each client socket that it makes. */
const CHANNEL = 'net.client.socket'

const NOTE = 'own-traffic'

/** What a run leaves to the next one. */
interface Note {
  readonly runs: readonly { readonly pid: number; readonly startedMs: EpochMs }[]
  /** As "ip port". */
  readonly destinations: readonly string[]
}

export interface OwnTrafficOptions {
  readonly pid: number
  readonly startedMs: EpochMs
  /** Keeps the note: written at once, since a run that is killed must have left it. */
  readonly store: Pick<Store, 'note' | 'setNote'>
}

export interface OwnTraffic {
  isOwn(flow: Pick<Flow, 'source' | 'destination' | 'process' | 'startMs'>): boolean
  close(): void
}

export function ownTraffic({ pid, startedMs, store }: OwnTrafficOptions): OwnTraffic {
  const { runs, destinations } = read(store.note(NOTE))
  const before = new Set(destinations)
  const sockets = new Set<string>()
  const reached = new Set(destinations)
  let isClosed = false
  const listen = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    socket.once('connect', () => {
      add(sockets, socket.localAddress, socket.localPort, MAX_SOCKETS)
      const isNews = add(reached, socket.remoteAddress, socket.remotePort, MAX_DESTINATIONS)
      if (isNews && !isClosed) leaveNote()
    })
  }
  function leaveNote(): void {
    const all = [{ pid, startedMs }, ...runs].slice(0, MAX_RUNS)
    try {
      const note: Note = { runs: all, destinations: [...reached] }
      store.setNote(NOTE, JSON.stringify(note))
    } catch (error) {
      // A full disk must not end the agent; the recorder says what is wrong.
      if (codeOf(error) !== 'ERR_STORE_FULL') throw error
    }
  }
  leaveNote()
  subscribe(CHANNEL, listen)
  return {
    isOwn({ source, destination, process, startMs }) {
      if (process !== undefined) {
        if (startMs >= startedMs) return false
        return runs.some((run) => run.pid === process.pid && run.startedMs <= startMs)
      }
      if (source !== undefined && sockets.has(placeOf(source))) return true
      return startMs < startedMs && before.has(placeOf(destination))
    },
    close() {
      isClosed = true
      unsubscribe(CHANNEL, listen)
    },
  }
}

const placeOf = ({ ip, port }: { readonly ip: string; readonly port: number }): string =>
  `${ip} ${port}`

/**
 * The oldest go where there is no room; one that is added again is the newest.
 * @returns whether it was not there before
 */
function add(set: Set<string>, address = '', port = 0, most: number): boolean {
  const ip = parseIp(address)
  if (ip === undefined) return false
  const place = placeOf({ ip, port })
  const isNew = !set.delete(place)
  set.add(place)
  if (set.size > most) set.delete(set.values().next().value as string)
  return isNew
}

/** A note that cannot be read leaves the past unknown, and never ends the agent. */
function read(text: string | undefined): Note {
  try {
    const { runs, destinations } = JSON.parse(text ?? '') as Note
    if (Array.isArray(runs) && Array.isArray(destinations)) return { runs, destinations }
  } catch {
    // Told by what it gives.
  }
  return { runs: [], destinations: [] }
}

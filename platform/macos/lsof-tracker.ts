/**
 * What changed between two looks of lsof: which connections this host opened, and which are over. Pure
 * but for its own memory.
 *
 * A connection whose local port is listened on came in, and that is decided when it is first seen, since
 * a listener may close before its connections do. One connection that stands under several processes is
 * the first one's; it stays with it as long as anybody holds it.
 */
import { type LsofSocket, outboundOf } from './lsof.ts'

/** A socket with a peer. */
export type OpenSocket = LsofSocket & Required<Pick<LsofSocket, 'destination'>>

export interface LsofChanges {
  readonly opened: readonly OpenSocket[]
  readonly ended: readonly OpenSocket[]
}

export interface LsofTracker {
  look(sockets: readonly LsofSocket[]): LsofChanges
  /** The TCP socket of this host that had these ports at the last look. */
  find(localPort: number, remotePort: number): OpenSocket | undefined
}

export function lsofTracker(): LsofTracker {
  /** `undefined`: it came in. */
  let known = new Map<string, OpenSocket | undefined>()
  let byPorts = new Map<string, OpenSocket>()

  return {
    find: (localPort, remotePort) => byPorts.get(`${localPort} ${remotePort}`),
    look(sockets) {
      const outbound = new Set(outboundOf(sockets))
      const now = new Map<string, OpenSocket | undefined>()
      const opened: OpenSocket[] = []
      for (const socket of sockets) {
        // One that waits for an answer is no connection yet, and one to itself is closed.
        if (!hasPeer(socket) || socket.state === 'SYN_SENT' || socket.state === 'CLOSED') continue
        const key = keyOf(socket)
        if (now.has(key)) continue
        const isKnown = known.has(key)
        const ours = isKnown ? known.get(key) : outbound.has(socket) ? socket : undefined
        now.set(key, ours)
        if (!isKnown && ours !== undefined) opened.push(ours)
      }
      const ended = [...known].flatMap(([key, socket]) => (now.has(key) || !socket ? [] : [socket]))
      known = now
      const ours = [...now.values()].filter((socket) => socket?.transport === 'tcp')
      byPorts = new Map(ours.flatMap((socket) => (socket ? [[portsOf(socket), socket]] : [])))
      return { opened, ended }
    },
  }
}

const hasPeer = (socket: LsofSocket): socket is OpenSocket => socket.destination !== undefined

const portsOf = ({ source, destination }: OpenSocket): string =>
  `${source.port} ${destination.port}`

const keyOf = ({ transport, source, destination }: OpenSocket): string =>
  `${transport} ${source.ip} ${source.port} ${destination.ip} ${destination.port}`

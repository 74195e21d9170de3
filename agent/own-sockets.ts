/**
 * Which connections are the agent's own: shipping recurs by nature, and must not be found. Sources
 * that know the process leave it out by its pid; conntrack knows only ports, and they are noted here.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { parseIp } from '../platform/address.ts'
import type { Endpoint } from '../platform/event.ts'

/** Ports of connections that ended long ago are forgotten: conntrack tells of them for 2 min. */
const MAX_SOCKETS = 1_024
/** Node publishes each client socket that it makes. */
const CHANNEL = 'net.client.socket'

export interface OwnSockets {
  isOwn(source: Endpoint | undefined): boolean
  close(): void
}

export function ownSockets(): OwnSockets {
  const own = new Set<string>()
  const note = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    socket.once('connect', () => {
      const ip = parseIp(socket.localAddress ?? '')
      if (ip === undefined) return
      own.add(`${ip} ${socket.localPort}`)
      if (own.size > MAX_SOCKETS) own.delete(own.values().next().value as string)
    })
  }
  subscribe(CHANNEL, note)
  return {
    isOwn: (source) => source !== undefined && own.has(`${source.ip} ${source.port}`),
    close: () => void unsubscribe(CHANNEL, note),
  }
}

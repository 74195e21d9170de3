/**
 * Makes connections with their volume of tracked flows, and tells each only when its counts changed.
 * Pure but for its own memory.
 *
 * Only flows that this host opened: the opening tuple's source is one of its addresses and its
 * destination is not the same one. The destination is the one that the program asked for, also where
 * NAT sends it elsewhere. Flows of containers behind a bridge have an address of their own and are
 * forwarded, not opened here.
 */
import { parseIp } from '../address.ts'
import type { Connection, EpochMs } from '../event.ts'
import { type ConntrackFlow, payloadBytes } from './conntrack.ts'

/** For how long the kernel keeps a TCP flow that is over, by its state: seconds. */
export type FinalSeconds = Readonly<Record<string, number>>

/** The kernel's own values (`nf_conntrack_proto_tcp.c`). */
export const DEFAULT_FINAL_SECONDS: FinalSeconds = { TIME_WAIT: 120, CLOSE: 10 }

export interface ConntrackTrackerOptions {
  readonly dataset: string
  readonly finalSeconds?: FinalSeconds
  /** What was over by then is known from an earlier run: the first look does not tell it again. */
  readonly sinceMs?: EpochMs
}

export interface ConntrackTracker {
  /** Takes one look at the table. A flow that is gone from it is over, with its last counts. */
  look(
    flows: readonly ConntrackFlow[],
    hostIps: ReadonlySet<string>,
    atMs: EpochMs,
  ): { readonly events: readonly Connection[]; readonly told: number }
  /** Takes a flow that was destroyed. */
  destroyed(
    flow: ConntrackFlow,
    hostIps: ReadonlySet<string>,
    atMs: EpochMs,
  ): Connection | undefined
}

interface Known {
  /** `undefined`: not opened by this host. */
  last: Connection | undefined
  /** As the table has it, to see a change without working anything out. */
  sentPackets: number | undefined
  receivedPackets: number | undefined
  isOver: boolean
  look: number
}

export function conntrackTracker(options: ConntrackTrackerOptions): ConntrackTracker {
  const {
    dataset,
    finalSeconds = DEFAULT_FINAL_SECONDS,
    sinceMs = Number.NEGATIVE_INFINITY,
  } = options
  const known = new Map<string, Known>()
  let look = 0

  function describe(
    flow: ConntrackFlow,
    hostIps: ReadonlySet<string>,
    atMs: EpochMs,
  ): Connection | undefined {
    const { transport, original, reply, ageSeconds } = flow
    const source = parseIp(original.sourceIp)
    const destination = parseIp(original.destinationIp)
    if (source === undefined || destination === undefined) return undefined
    if (!hostIps.has(source) || source === destination) return undefined
    const sentBytes = payloadBytes(transport, original)
    const receivedBytes = payloadBytes(transport, reply)
    return {
      kind: 'connection',
      phase: 'progress',
      atMs,
      dataset,
      transport,
      source: { ip: source, port: original.sourcePort },
      destination: { ip: destination, port: original.destinationPort },
      ...(ageSeconds !== undefined && { startMs: atMs - ageSeconds * 1000 }),
      ...(sentBytes !== undefined && { sentBytes }),
      ...(receivedBytes !== undefined && { receivedBytes }),
    }
  }

  /** When a flow that is in its last state was over. */
  function endMs({ state = '', timeoutSeconds = 0 }: ConntrackFlow, atMs: EpochMs): EpochMs {
    const kept = finalSeconds[state]
    return kept === undefined ? atMs : atMs - Math.max(0, kept - timeoutSeconds) * 1000
  }

  const isOver = ({ transport, state = '' }: ConntrackFlow): boolean =>
    transport === 'tcp' && Object.hasOwn(finalSeconds, state)

  /** Whether a row tells nothing new. A flow that is over counts on only where its tuple has a new one. */
  function isKnown(before: Known, flow: ConntrackFlow): boolean {
    const { original, reply } = flow
    if (before.isOver) return isOver(flow) && (original.packets ?? 0) >= (before.sentPackets ?? 0)
    const isUnchanged =
      before.sentPackets === original.packets && before.receivedPackets === reply.packets
    return isUnchanged && !isOver(flow)
  }

  function ending(connection: Connection, atMs: EpochMs): readonly Connection[] {
    return look === 1 && atMs <= sinceMs ? [] : [ended(connection, atMs)]
  }

  return {
    look(flows, hostIps, atMs) {
      look++
      const events: Connection[] = []
      let told = 0
      for (const flow of flows) {
        if (isNoConnection(flow)) continue
        const key = keyOf(flow)
        const before = known.get(key)
        // The same flow again in another zone of one table.
        if (before?.look === look) continue
        const { original, reply } = flow
        if (before !== undefined) before.look = look
        if (before !== undefined && (before.last === undefined || isKnown(before, flow))) continue
        const described = describe(flow, hostIps, atMs)
        const last = described && keepStart(described, before?.isOver ? undefined : before?.last)
        known.set(key, {
          last,
          sentPackets: original.packets,
          receivedPackets: reply.packets,
          isOver: isOver(flow),
          look,
        })
        if (last === undefined) continue
        const now = isOver(flow) ? ending(last, endMs(flow, atMs)) : [last]
        told += now.length
        events.push(...now)
      }
      for (const [key, flow] of known) {
        if (flow.look === look) continue
        known.delete(key)
        if (flow.last !== undefined && !flow.isOver) events.push(...ending(flow.last, atMs))
      }
      return { events, told }
    },
    destroyed(flow, hostIps, atMs) {
      if (isNoConnection(flow)) return undefined
      const last = describe(flow, hostIps, atMs)
      return last && ended(last, endMs(flow, atMs))
    },
  }
}

/** A connection attempt that nobody has answered. */
const isNoConnection = ({ transport, state }: ConntrackFlow): boolean =>
  transport === 'tcp' && (state === 'SYN_SENT' || state === 'SYN_SENT2' || state === 'NONE')

const keyOf = ({ transport, original }: ConntrackFlow): string =>
  `${transport} ${original.sourceIp} ${original.sourcePort} ${original.destinationIp} ${original.destinationPort}`

/** The first look is the best guess of the start: the age is told in whole seconds only. */
const keepStart = (connection: Connection, before: Connection | undefined): Connection =>
  before?.startMs === undefined ? connection : { ...connection, startMs: before.startMs }

/** Age and time-out are told in whole seconds, so that a short flow would seem to end before its start. */
const ended = (connection: Connection, atMs: EpochMs): Connection => ({
  ...connection,
  phase: 'end',
  atMs,
  ...(connection.startMs !== undefined && { startMs: Math.min(connection.startMs, atMs) }),
})

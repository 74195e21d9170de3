/**
 * Reads flows that netfilter tracks: rows of `/proc/net/nf_conntrack`, and lines of `conntrack -L`
 * and `conntrack -E -o timestamp`. Pure: text in, values out.
 *
 * A flow is two tuples, the one that opened it and the one of its answers; NAT shows where they are
 * not each other's mirror. Counts (`packets= bytes=`) are there only while accounting is on, and are
 * of whole IP packets: `payloadBytes` estimates what of them was payload.
 * @see https://www.kernel.org/doc/html/latest/networking/nf_conntrack-sysctl.html
 */
import type { EpochMs } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

/** One direction of a flow. */
export interface ConntrackTuple {
  /** As printed: the table writes IPv6 in full, the tool shortens it. */
  readonly sourceIp: string
  readonly destinationIp: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly packets?: number
  /** Of IP packets, headers included. */
  readonly packetBytes?: number
}

export interface ConntrackFlow {
  readonly transport: 'tcp' | 'udp'
  /** TCP's only: `ESTABLISHED`, `TIME_WAIT` … */
  readonly state?: string
  /** What the line tells: a table row tells how things stand. */
  readonly event: 'row' | 'new' | 'update' | 'destroy'
  /** When the event was, where the tool was asked for time stamps. */
  readonly atMs?: EpochMs
  /** Until the entry is dropped, if no packet comes: seconds. Not in a destroy event. */
  readonly timeoutSeconds?: number
  /** The direction that opened the flow. */
  readonly original: ConntrackTuple
  /** The direction of the answers. */
  readonly reply: ConntrackTuple
  /** No packet has come back. */
  readonly isUnreplied: boolean
  /** Since the flow began: whole seconds, where `nf_conntrack_timestamp` is on. */
  readonly ageSeconds?: number
}

// [1795545966.215240]  [DESTROY]  ipv4 2  tcp 6  117  TIME_WAIT  src=…
const HEAD =
  /^(?:\[(\d+)\.(\d{3})\d*\s*\]\s*)?(?:\[(NEW|UPDATE|DESTROY)\]\s+)?(?:ipv[46]\s+\d+\s+)?([a-z][\w-]*)\s+\d+\s+(?:(\d+)\s+)?(?:([A-Z][A-Z_0-9]*)\s+)?/
const TUPLE =
  /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)(?: zone-(?:orig|reply)=\d+)?(?: packets=(\d+) bytes=(\d+))?/y
const UNREPLIED = /(?: \[UNREPLIED\])? /y

/** @returns a value of `undefined` for a flow that is neither TCP nor UDP */
export function parseConntrackLine(line: string): Parsed<ConntrackFlow | undefined> {
  const head = HEAD.exec(line)
  if (head === null) return malformed('conntrack: no protocol')
  const [text, seconds, milliseconds, event, protocol, timeout, state] = head
  if (protocol !== 'tcp' && protocol !== 'udp') return parsed(undefined)
  const original = tupleAt(line, text.length)
  if (original === undefined) return malformed('conntrack: no original tuple')
  UNREPLIED.lastIndex = original.end
  const between = UNREPLIED.exec(line)?.[0] ?? ''
  const reply = tupleAt(line, original.end + between.length)
  if (reply === undefined) return malformed('conntrack: no reply tuple')
  const age = / delta-time=(\d+)/.exec(line)?.[1]
  return parsed({
    transport: protocol,
    event: EVENTS[event ?? ''] ?? 'row',
    original: original.tuple,
    reply: reply.tuple,
    isUnreplied: between.length > 1,
    ...(state !== undefined && { state }),
    ...(seconds !== undefined && { atMs: Number(seconds) * 1000 + Number(milliseconds) }),
    ...(timeout !== undefined && { timeoutSeconds: Number(timeout) }),
    ...(age !== undefined && { ageSeconds: Number(age) }),
  })
}

const EVENTS: Readonly<Record<string, ConntrackFlow['event']>> = {
  NEW: 'new',
  UPDATE: 'update',
  DESTROY: 'destroy',
}

function tupleAt(line: string, at: number): { tuple: ConntrackTuple; end: number } | undefined {
  TUPLE.lastIndex = at
  const match = TUPLE.exec(line)
  if (match === null) return undefined
  const [, sourceIp = '', destinationIp = '', sourcePort, destinationPort, packets, bytes] = match
  const tuple = {
    sourceIp,
    destinationIp,
    sourcePort: Number(sourcePort),
    destinationPort: Number(destinationPort),
    ...(packets !== undefined && { packets: Number(packets), packetBytes: Number(bytes) }),
  }
  return { tuple, end: TUPLE.lastIndex }
}

/** Bytes of header in each packet: IP without options, then the transport's own. */
const IP_HEADER = { ipv4: 20, ipv6: 40 } as const
/** TCP with the time stamp option, which every current system asks for; without it 20. */
const TCP_HEADER = 32
const UDP_HEADER = 8
/** What a SYN carries beyond that: segment size, window scale, SACK permitted. */
const SYN_EXTRA = 8

/**
 * What of one direction was payload, by the headers that its packets must have had. Exact for a TCP
 * connection with time stamps and no loss; retransmitted payload counts again, SACK options add 12
 * bytes to some packets, and a peer without time stamps makes it 12 bytes a packet too low.
 * @returns `undefined` where the kernel did not count
 */
export function payloadBytes(
  transport: 'tcp' | 'udp',
  { sourceIp, packets, packetBytes }: ConntrackTuple,
): number | undefined {
  if (packets === undefined || packetBytes === undefined) return undefined
  if (packets === 0) return 0
  const ip = IP_HEADER[sourceIp.includes(':') ? 'ipv6' : 'ipv4']
  const headers =
    transport === 'tcp' ? packets * (ip + TCP_HEADER) + SYN_EXTRA : packets * (ip + UDP_HEADER)
  return Math.max(0, packetBytes - headers)
}

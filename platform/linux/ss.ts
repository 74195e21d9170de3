/**
 * Reads `ss -tineHO state established state listening`: the kernel's own count of payload for each
 * open TCP connection. Pure: text in, values out.
 *
 * `bytes_acked` is payload that arrived, without retransmissions, and counts the SYN as one byte on
 * the side that opened the connection; `bytes_sent` is payload with them. Kernels before 4.19 have
 * no `bytes_sent`, and a socket that has sent nothing prints neither.
 * @see https://man7.org/linux/man-pages/man8/ss.8.html
 */
import { parseIp } from '../address.ts'
import type { Endpoint } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

export interface SsSocket {
  readonly isListening: boolean
  /** Port of the local end, also where the address is `*`. */
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly uid: number
  readonly inode: number
  /** Payload that the peer has acknowledged. */
  readonly ackedBytes?: number
  readonly receivedBytes?: number
}

const ROW = /^([A-Z][A-Z0-9-]*)\s+\d+\s+\d+\s+(\S+):(\d+|\*)\s+(\S+):(\d+|\*)(?:\s+(.*))?$/

export function parseSsRow(line: string): Parsed<SsSocket> {
  const match = ROW.exec(line.trimEnd())
  if (match === null) return malformed('ss: not a row with state, queues and two ends')
  const [, state, localIp = '', localPort, peerIp = '', peerPort, rest = ''] = match
  const source = endpointOf(localIp, localPort)
  const destination = endpointOf(peerIp, peerPort)
  if (source === undefined || destination === undefined) return malformed('ss: not an address')
  const acked = countOf(BYTES_ACKED, rest)
  const received = countOf(BYTES_RECEIVED, rest)
  return parsed({
    isListening: state === 'LISTEN',
    source,
    destination,
    uid: countOf(UID, rest) ?? 0,
    inode: countOf(INODE, rest) ?? 0,
    ...(acked !== undefined && { ackedBytes: Math.max(0, acked - SYN_BYTES) }),
    ...(received !== undefined && { receivedBytes: received }),
  })
}

const BYTES_ACKED = / bytes_acked:(\d+)/
const BYTES_RECEIVED = / bytes_received:(\d+)/
/** Root's sockets print none. */
const UID = /(?:^| )uid:(\d+)/
const INODE = /(?:^| )ino:(\d+)/
/** The SYN takes a sequence number, and so is acknowledged like a byte. */
const SYN_BYTES = 1

function countOf(pattern: RegExp, text: string): number | undefined {
  const digits = pattern.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** `10.0.0.1`, `[::ffff:10.0.0.1]`, `[fe80::1]%eth0`, `127.0.0.53%lo`, `*`. */
function endpointOf(address: string, port = '*'): Endpoint | undefined {
  const bare = address.replace(/%.*$/, '').replace(/^\[(.*)\]$/, '$1')
  const ip = bare === '*' ? '::' : parseIp(bare)
  return ip === undefined ? undefined : { ip, port: port === '*' ? 0 : Number(port) }
}

/** What a `state established` and `state listening` listing tells: the connections this host opened. */
export function outboundOf(sockets: readonly SsSocket[]): readonly SsSocket[] {
  const listeners = new Set(
    sockets
      .filter((socket) => socket.isListening)
      .map(({ source: { ip, port } }) => (isAny(ip) ? `${port}` : `${ip} ${port}`)),
  )
  return sockets.filter(
    ({ isListening, source: { ip, port } }) =>
      !isListening && !listeners.has(`${port}`) && !listeners.has(`${ip} ${port}`),
  )
}

const isAny = (ip: string): boolean => ip === '::' || ip === '0.0.0.0'

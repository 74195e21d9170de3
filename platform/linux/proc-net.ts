/**
 * Reads rows of `/proc/net/tcp`, `tcp6`, `udp` and `udp6`. Pure: text in, values out.
 *
 * One row a socket. Addresses are hex, and each 32-bit word is printed in host byte order, so on the
 * little-endian hosts that we support every group of four bytes reads backwards. A row is matched
 * first and its addresses are made canonical only when somebody asks: a table of thousands of rows
 * is read every few seconds, and nearly all of them are known from the time before.
 * @see https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
import { formatIp } from '../address.ts'
import type { Endpoint } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

/** Kernel socket states (`include/net/tcp_states.h`); a connected UDP socket is ESTABLISHED. */
export const TCP_STATE = {
  established: 0x01,
  synSent: 0x02,
  synReceived: 0x03,
  timeWait: 0x06,
  close: 0x07,
  listen: 0x0a,
  newSynReceived: 0x0c,
  boundInactive: 0x0d,
} as const

/** A row with its addresses as the kernel prints them. */
export interface ProcNetRow {
  /** `LOCAL:PORT REMOTE:PORT` in hex: the same text is the same connection, within one transport. */
  readonly tuple: string
  readonly state: number
  /** Which timer runs: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 zero window probe. */
  readonly timer: number
  /** Until that timer fires, ms. */
  readonly timerMs: number
  /** Owner; always 0 in rows without an owner (TIME_WAIT, orphans). */
  readonly uid: number
  /** Joins to `/proc/<pid>/fd`; 0 once no process holds the socket. */
  readonly inode: number
}

const ADDRESS = '(?:[0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}'
// sl local remote st tx:rx tr:when retrnsmt uid timeout inode …
const ROW = new RegExp(
  `^ *\\d+: (${ADDRESS} ${ADDRESS}) ([0-9A-F]{2}) \\S+ ([0-9A-F]{2}):([0-9A-F]{8}) \\S+ +(\\d+) +\\d+ (\\d+)(?: |$)`,
)

/** Timers are printed in USER_HZ ticks, 100 a second on every architecture that Linux has left. */
const TICK_MS = 10

/** Reads one row; the header line is malformed like any other stranger. */
export function parseProcNetRow(line: string): Parsed<ProcNetRow> {
  const match = ROW.exec(line)
  if (match === null) return malformed('not a row of /proc/net/tcp or udp')
  const [, tuple, state, timer, ticks, uid, inode] = match as unknown as Seven
  return parsed({
    tuple,
    state: Number.parseInt(state, 16),
    timer: Number.parseInt(timer, 16),
    timerMs: Number.parseInt(ticks, 16) * TICK_MS,
    uid: Number(uid),
    inode: Number(inode),
  })
}

/** Every group in ROW is mandatory, so a match always carries them all. */
type Seven = [string, string, string, string, string, string, string]

/** Both ends of a row that `parseProcNetRow` accepted, in canonical text. */
export function endpointsOf({ tuple }: Pick<ProcNetRow, 'tuple'>): {
  source: Endpoint
  destination: Endpoint
} {
  const space = tuple.indexOf(' ')
  return {
    source: endpointOf(tuple.slice(0, space)),
    destination: endpointOf(tuple.slice(space + 1)),
  }
}

/** `0100007F:0050` is 127.0.0.1 port 80. */
function endpointOf(hex: string): Endpoint {
  const colon = hex.length - 5
  const bytes = new Uint8Array(colon / 2)
  for (let i = 0; i < bytes.length; i++) {
    const wordStart = i & ~3
    const at = 2 * (wordStart + 3 - (i - wordStart))
    bytes[i] = Number.parseInt(hex.slice(at, at + 2), 16)
  }
  return { ip: formatIp(bytes), port: Number.parseInt(hex.slice(colon + 1), 16) }
}

/** The local end in hex, `IP:PORT`. */
export const localOf = ({ tuple }: ProcNetRow): string => tuple.slice(0, tuple.indexOf(' '))

/** Nothing at the far end: a listener, or a UDP socket that is not connected. */
export const hasNoRemote = ({ tuple }: ProcNetRow): boolean => NO_REMOTE.test(tuple)
const NO_REMOTE = / (?:0{8}|0{32}):/

/** Whether an address in hex, `IP:PORT`, means every address of the host. */
export const isWildcard = (local: string): boolean => /^0+:/.test(local)

/**
 * A stamp that changes when a TCP connection of this host comes, goes or changes state, made of the
 * counters in `/proc/net/snmp`, `sockstat` and `sockstat6`. They cost some 20 µs to read, where the
 * tables cost milliseconds however few sockets there are: the kernel walks its whole hash for them.
 * @returns `undefined` where a counter is not there to tell
 */
export function tcpStamp(snmp: string, sockstat: string, sockstat6: string): string | undefined {
  const [names = '', values = ''] = snmp.match(/^Tcp: .*$/gm) ?? []
  const value = new Map(names.split(' ').map((name, i) => [name, values.split(' ')[i]]))
  const counters = STAMP_COUNTERS.map((name) => value.get(name))
  const open = /^TCP: inuse (\d+ orphan \d+ tw \d+)/m.exec(sockstat)?.[1]
  const open6 = /^TCP6: inuse (\d+)/m.exec(sockstat6)?.[1] ?? '0'
  if (open === undefined || counters.includes(undefined)) return undefined
  return [...counters, open, open6].join(' ')
}

/** What this host opened, what of all is open, and what failed: inbound connections come and go in `inuse`. */
const STAMP_COUNTERS = ['ActiveOpens', 'AttemptFails', 'EstabResets', 'CurrEstab'] as const

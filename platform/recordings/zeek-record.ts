/**
 * One row of a Zeek conn.log or dns.log, from its cells. Pure, and the same for text and JSON form:
 * both hand their cells over as text or as JSON values.
 * Columns: https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html
 */
import { parseIp } from '../address.ts'
import type { EpochMs } from '../event.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

/** A connection as a network sensor saw it, between any two hosts. Opened by `sourceIp`. */
export interface RecordedConnection {
  readonly startMs: EpochMs
  readonly sourceIp: string
  readonly sourcePort: number
  readonly destinationIp: string
  readonly destinationPort: number
  readonly transport: 'tcp' | 'udp'
  readonly sentBytes: number | undefined
  readonly receivedBytes: number | undefined
  /** Its source sent payload, as far as can be told. A probe did not. */
  readonly isTransfer: boolean
  /** Whether the sensor was told that the address is of its own network. */
  readonly isSourceLocal: boolean | undefined
  readonly isDestinationLocal: boolean | undefined
}

/** A host was told these addresses for a name. */
export interface RecordedName {
  readonly atMs: EpochMs
  readonly clientIp: string
  /** Lower case, without the trailing dot. */
  readonly domain: string
  readonly addresses: readonly string[]
}

/** One value of a row; `undefined` is "not set". */
export type Cell = string | number | boolean | readonly unknown[] | undefined

/** The cell of a column, by its Zeek name. */
export type Cells = (column: string) => Cell

/** `undefined` in place of a record: a row in good order that tells nothing to us (ICMP). */
export type RowResult<T> = Parsed<T | undefined>

/** States in which both sides had agreed on the connection, so that payload could flow. */
const ESTABLISHED = new Set(['S1', 'S2', 'S3', 'SF', 'RSTO', 'RSTR'])
/** IP and UDP headers, bytes: `orig_ip_bytes` counts them, `orig_bytes` does not. */
const UDP_HEADER_BYTES = { 4: 28, 6: 48 }
/** Smallest epoch taken for milliseconds: as seconds it would be the year 5138. */
const MS_EPOCH = 1e11

/** @param intern canonical text of an address, the same string each time; `undefined` for none */
export function connectionOf(
  cell: Cells,
  intern: (text: string) => string | undefined = parseIp,
): RowResult<RecordedConnection> {
  const transport = cell('proto')
  if (transport !== 'tcp' && transport !== 'udp') {
    return typeof transport === 'string' && transport !== ''
      ? parsed(undefined)
      : malformed('no proto')
  }
  const startMs = timeMs(cell('ts'))
  if (startMs === undefined) return malformed('ts is no time')
  const sourceIp = addressOf(cell('id.orig_h'), intern)
  if (sourceIp === undefined) return malformed('id.orig_h is no address')
  const destinationIp = addressOf(cell('id.resp_h'), intern)
  if (destinationIp === undefined) return malformed('id.resp_h is no address')
  const sourcePort = count(cell('id.orig_p'))
  const destinationPort = count(cell('id.resp_p'))
  if (!isPort(destinationPort)) return malformed('id.resp_p is no port')
  const sentBytes = sentBytesOf(cell, transport, sourceIp)
  const state = cell('conn_state')
  return parsed({
    startMs,
    sourceIp,
    // Some anonymizers write source ports beyond 65535: only told apart, never shown.
    sourcePort: sourcePort ?? 0,
    destinationIp,
    destinationPort,
    transport,
    sentBytes,
    receivedBytes: count(cell('resp_bytes')),
    isTransfer:
      sentBytes === undefined
        ? state === undefined || ESTABLISHED.has(String(state))
        : sentBytes > 0,
    isSourceLocal: flag(cell('local_orig')),
    isDestinationLocal: flag(cell('local_resp')),
  })
}

/** @returns `undefined` for an answer without addresses */
export function nameOf(cell: Cells): RowResult<RecordedName> {
  const query = cell('query')
  const answers = cell('answers')
  if (typeof query !== 'string' || !Array.isArray(answers)) return parsed(undefined)
  const addresses = answers.flatMap((answer) => parseIp(String(answer)) ?? [])
  const domain = query.toLowerCase().replace(/\.$/, '')
  if (addresses.length === 0 || domain === '') return parsed(undefined)
  const atMs = timeMs(cell('ts'))
  if (atMs === undefined) return malformed('ts is no time')
  const clientIp = addressOf(cell('id.orig_h'), parseIp)
  if (clientIp === undefined) return malformed('id.orig_h is no address')
  return parsed({ atMs, clientIp, domain, addresses })
}

/** Epoch seconds (Zeek's own), epoch milliseconds or ISO 8601, by `LogAscii::json_timestamps`. */
function timeMs(cell: Cell): EpochMs | undefined {
  if (cell === undefined || cell === '' || typeof cell === 'boolean') return undefined
  const epoch = Number(cell)
  const ms = Number.isNaN(epoch)
    ? Date.parse(String(cell))
    : epoch < MS_EPOCH
      ? epoch * 1000
      : epoch
  // Beyond this no Date exists.
  return ms >= 0 && ms <= 8.64e15 ? ms : undefined
}

const addressOf = (cell: Cell, intern: (text: string) => string | undefined): string | undefined =>
  typeof cell === 'string' ? intern(cell) : undefined

/** "-" came in as `undefined`: not set is not 0. */
function count(cell: Cell): number | undefined {
  if (cell === undefined || cell === '') return undefined
  const value = Number(cell)
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.trunc(value) : undefined
}

const isPort = (value: number | undefined): value is number =>
  value !== undefined && value <= 65_535

const flag = (cell: Cell): boolean | undefined =>
  cell === 'T' || cell === true ? true : cell === 'F' || cell === false ? false : undefined

/**
 * Payload that the source sent. Zeek leaves `orig_bytes` unset for a UDP flow without an answer; what
 * the IP layer counted tells it then. For TCP that can't be done: options make its headers vary.
 */
function sentBytesOf(cell: Cells, transport: 'tcp' | 'udp', ip: string): number | undefined {
  const told = count(cell('orig_bytes'))
  if (told !== undefined || transport === 'tcp') return told
  const packets = count(cell('orig_pkts'))
  const ipBytes = count(cell('orig_ip_bytes'))
  if (packets === undefined || ipBytes === undefined) return undefined
  return Math.max(0, ipBytes - packets * UDP_HEADER_BYTES[ip.includes(':') ? 6 : 4])
}

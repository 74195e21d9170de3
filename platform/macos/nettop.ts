/**
 * Reads `nettop -L 1 -n -x`: bytes of each process and of each of its connections, as CSV. Pure.
 *
 * A header names the columns, which differ between versions; a row of a process (`curl.4711`) is followed
 * by the rows of its connections (`tcp4 10.0.0.1:50001<->1.2.3.4:443`), which `-P` leaves out. An IPv6
 * address is parted from its port by a dot. A name may hold a comma, so it reaches up to the columns that
 * are counted from the end of the header.
 */
import { parseIp } from '../address.ts'
import type { Endpoint } from '../event.ts'

export interface NettopProcess {
  readonly pid: number
  /** Cut by nettop after some 15 characters. */
  readonly name: string
  readonly sentBytes: number
  readonly receivedBytes: number
}

export interface NettopConnection {
  readonly pid: number
  readonly name: string
  readonly transport: 'tcp' | 'udp'
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly sentBytes: number
  readonly receivedBytes: number
}

export interface NettopSample {
  readonly processes: readonly NettopProcess[]
  /** In both directions: one whose local port is in `listening` came in. */
  readonly connections: readonly NettopConnection[]
  /** `tcp 22`, `udp 5353`: ports of sockets without a peer. */
  readonly listening: ReadonlySet<string>
  /** Rows that are neither, or stand before a header. */
  readonly malformed: number
}

const HEADER = /^[^,]*time,.*\bbytes_in,bytes_out\b/
const PROCESS = /^(.*)\.(\d{1,10})$/
const CONNECTION = /^(tcp|udp)[46] (\S+)<->(\S+)$/

export function parseNettop(text: string): NettopSample {
  const processes: NettopProcess[] = []
  const connections: NettopConnection[] = []
  const listening = new Set<string>()
  let malformed = 0
  let columns: Columns | undefined
  let owner: { pid: number; name: string } | undefined

  function take(line: string): boolean {
    const row = columns && cellsOf(line, columns)
    if (row === undefined) return false
    const { what, sentBytes, receivedBytes } = row
    const [, word, local = '', peer = ''] = CONNECTION.exec(what) ?? []
    if (word !== undefined) {
      if (owner === undefined) return false
      const [source, destination] = [nettopEndpoint(local), nettopEndpoint(peer)]
      if (source === undefined || destination === undefined) {
        const port = NO_PEER.test(peer) ? PORT.exec(local)?.[1] : undefined
        if (port !== undefined) listening.add(`${word} ${port}`)
        return NO_PEER.test(peer)
      }
      const transport = word as 'tcp' | 'udp'
      connections.push({ ...owner, transport, source, destination, sentBytes, receivedBytes })
      return true
    }
    const [, name = '', pid] = PROCESS.exec(what) ?? []
    if (pid === undefined) return false
    owner = { pid: Number(pid), name }
    processes.push({ ...owner, sentBytes, receivedBytes })
    return true
  }

  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    if (HEADER.test(line)) {
      columns = columnsOf(line)
      owner = undefined
    } else if (!take(line)) malformed++
  }
  return { processes, connections, listening, malformed }
}

interface Columns {
  readonly count: number
  readonly received: number
  readonly sent: number
}

function columnsOf(header: string): Columns {
  const names = header.trim().split(',')
  return {
    count: names.length,
    received: names.indexOf('bytes_in'),
    sent: names.indexOf('bytes_out'),
  }
}

function cellsOf(line: string, { count, received, sent }: Columns) {
  const cells = line.trim().split(',')
  const extra = cells.length - count
  if (extra < 0) return undefined
  // The time, then the name with its commas.
  const what = cells.slice(1, 2 + extra).join(',')
  const [receivedText = '', sentText = ''] = [cells[received + extra], cells[sent + extra]]
  if (!WHOLE.test(receivedText) || !WHOLE.test(sentText)) return undefined
  return { what, receivedBytes: Number(receivedText), sentBytes: Number(sentText) }
}

const WHOLE = /^\d{1,15}$/
/** `*:*`, `*.*`, `:0`. */
const NO_PEER = /^\*?[:.](?:\*|0)$/
const PORT = /[:.](\d{1,5})$/

const IPV4 = /^([\d.]+):(\d{1,5})$/
const IPV6 = /^\[?([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*?(?:%\w+)?)\]?[.:](\d{1,5})$/

function nettopEndpoint(text: string): Endpoint | undefined {
  const [, host = '', port] = IPV4.exec(text) ?? IPV6.exec(text) ?? []
  const ip = parseIp(host)
  return ip === undefined ? undefined : { ip, port: Number(port) }
}

/**
 * What changed between two looks at the socket tables: which connections this host opened, and which
 * are over. Pure but for its own memory.
 *
 * A connection whose local port is listened on is inbound and left out; that is decided when it is
 * first seen, since a listener may close before its connections do. It cannot see a socket that
 * opens and closes between two looks unless a TIME_WAIT row is left of it, which is the case where
 * this host closed first.
 */
import type { Endpoint, EpochMs } from '../event.ts'
import {
  endpointsOf,
  hasNoRemote,
  isWildcard,
  localOf,
  type ProcNetRow,
  parseProcNetRow,
  TCP_STATE,
} from './proc-net.ts'

export type Transport = 'tcp' | 'udp'

export interface Socket {
  readonly transport: Transport
  readonly source: Endpoint
  readonly destination: Endpoint
  /** 0 where no process holds it any more; `uid` says nothing then. */
  readonly inode: number
  readonly uid: number
}

export interface SocketChanges {
  readonly opened: readonly Socket[]
  readonly ended: readonly { readonly socket: Socket; readonly endMs: EpochMs }[]
  /** Rows read, by what became of them: `received = told + ignored + malformed`. */
  readonly received: number
  readonly told: number
  readonly ignored: number
  readonly malformed: number
}

/** A table as the kernel printed it, with its header line. */
export interface SocketTable {
  readonly transport: Transport
  readonly text: string
}

export interface SocketTracker {
  /** Takes one look at all tables. */
  look(tables: readonly SocketTable[], atMs: EpochMs): SocketChanges
}

/** How long the kernel keeps a closed connection in TIME_WAIT (`TCP_TIMEWAIT_LEN`), ms. */
const TIME_WAIT_MS = 60_000
const TIME_WAIT_TIMER = 3

/** Rows of a connection that is not there yet, never was, or waits for one. */
const NO_CONNECTION: ReadonlySet<number> = new Set([
  TCP_STATE.synSent,
  TCP_STATE.synReceived,
  TCP_STATE.close,
  TCP_STATE.listen,
  TCP_STATE.newSynReceived,
  TCP_STATE.boundInactive,
])

interface Known {
  readonly inode: number
  /** `undefined`: inbound. */
  readonly socket: Socket | undefined
  isOver: boolean
  look: number
}

/** @param sinceMs what was over by then is known from an earlier run: the first look does not tell it */
export function socketTracker(sinceMs: EpochMs = Number.NEGATIVE_INFINITY): SocketTracker {
  const known = { tcp: new Map<string, Known>(), udp: new Map<string, Known>() }
  let listeners = new Set<string>()
  let look = 0

  return {
    look(tables, atMs) {
      look++
      const opened: Socket[] = []
      const ended: { socket: Socket; endMs: EpochMs }[] = []
      const counts = { received: 0, told: 0, ignored: 0, malformed: 0 }
      const end = (entry: Known, endMs: EpochMs): boolean => {
        if (entry.isOver) return false
        entry.isOver = true
        if (entry.socket === undefined || (look === 1 && endMs <= sinceMs)) return false
        ended.push({ socket: entry.socket, endMs })
        return true
      }

      const parsedTables = tables.map(({ transport, text }) => ({
        transport,
        ...rowsOf(text),
      }))
      const before = listeners
      listeners = new Set(parsedTables.flatMap(listenersOf))
      const isInbound = (transport: Transport, row: ProcNetRow): boolean =>
        keysOf(transport, localOf(row)).some((key) => listeners.has(key) || before.has(key))

      /** @returns whether the row told something new */
      const take = (transport: Transport, row: ProcNetRow): boolean => {
        if (NO_CONNECTION.has(row.state) || hasNoRemote(row)) return false
        const isTimeWait = row.state === TCP_STATE.timeWait
        const entry = known[transport].get(row.tuple)
        if (entry !== undefined && isSameSocket(entry, row)) {
          entry.look = look
          return isTimeWait && end(entry, timeWaitStart(row, atMs))
        }
        // The same four numbers again: the old connection went unseen and a new one has its place.
        if (entry !== undefined) end(entry, atMs)
        const socket = isInbound(transport, row)
          ? undefined
          : { transport, ...endpointsOf(row), inode: row.inode, uid: row.uid }
        const fresh = { inode: row.inode, socket, isOver: false, look }
        known[transport].set(row.tuple, fresh)
        if (isTimeWait) return end(fresh, timeWaitStart(row, atMs))
        if (socket !== undefined) opened.push(socket)
        return socket !== undefined
      }

      for (const { transport, rows, malformed } of parsedTables) {
        counts.received += rows.length + malformed
        counts.malformed += malformed
        for (const row of rows) counts[take(transport, row) ? 'told' : 'ignored']++
      }
      for (const sockets of Object.values(known)) {
        for (const [tuple, entry] of sockets) {
          if (entry.look === look) continue
          end(entry, atMs)
          sockets.delete(tuple)
        }
      }
      return { opened, ended, ...counts }
    },
  }
}

/** A row without inode is what is left of the socket that had one. */
function isSameSocket(entry: Known, row: ProcNetRow): boolean {
  if (entry.isOver) return row.state === TCP_STATE.timeWait
  return row.inode === 0 || row.inode === entry.inode
}

/** TIME_WAIT begins when the connection is over, and its timer tells how long ago that was. */
function timeWaitStart(row: ProcNetRow, atMs: EpochMs): EpochMs {
  if (row.timer !== TIME_WAIT_TIMER) return atMs
  return atMs - Math.max(0, TIME_WAIT_MS - row.timerMs)
}

function rowsOf(text: string): { rows: ProcNetRow[]; malformed: number } {
  const rows: ProcNetRow[] = []
  let malformed = 0
  for (const line of text.split('\n').slice(1)) {
    if (line === '') continue
    const row = parseProcNetRow(line)
    if (row.ok) rows.push(row.value)
    else malformed++
  }
  return { rows, malformed }
}

/** Local ends that take connections in: TCP listeners, UDP sockets that are not connected. */
function listenersOf(table: { transport: Transport; rows: readonly ProcNetRow[] }): string[] {
  const { transport, rows } = table
  const isListener = (row: ProcNetRow): boolean =>
    transport === 'tcp' ? row.state === TCP_STATE.listen : hasNoRemote(row)
  return rows.filter(isListener).map((row) => {
    const local = localOf(row)
    return isWildcard(local) ? `${transport} ${local.slice(-4)}` : `${transport} ${local}`
  })
}

/** The listeners that would have taken a connection to this local end: its port, or just this end. */
const keysOf = (transport: Transport, local: string): string[] => [
  `${transport} ${local.slice(-4)}`,
  `${transport} ${local}`,
]

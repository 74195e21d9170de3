/**
 * Polls the kernel's socket tables and tells the outbound connections that came and went.
 *
 * It needs neither root nor auditd, and so is what is always there. It cannot see a connection that
 * opens and closes between two polls, unless this host closed it first (TIME_WAIT): its silence means
 * "unknown", never "quiet". What was open already at the first poll is `progress`, not `start`.
 */
import type { Clock, Collector } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { codeOf, faultOf, SourceError } from '../errors.ts'
import type { Connection, EpochMs, Event, Process } from '../event.ts'
import { userNames } from './passwd-collector.ts'
import { readKernelFile, tryReadKernelFile } from './proc-file-collector.ts'
import { tcpStamp } from './proc-net.ts'
import { type Socket, type SocketTable, socketTracker } from './proc-net-tracker.ts'
import { processReader } from './proc-process-collector.ts'
import { socketOwners } from './socket-owner-collector.ts'

const dataset = 'linux.proc_net'

/** Short enough to catch an upload of a few seconds at 0.1 % of a core with 200 sockets. */
const POLL_MS = 2_000

export interface ProcNetOptions {
  readonly clock: Clock
  /** Time between reads, ms. */
  readonly pollMs?: number
  /** Where procfs is mounted; tests point it at a fixture tree. */
  readonly procDir?: string
  readonly passwdFile?: string
  /** A process whose sockets are not told: the agent's own. */
  readonly ownPid?: number
}

export function procNetCollector(options: ProcNetOptions): Collector {
  const { clock, pollMs = POLL_MS, procDir = '/proc', passwdFile, ownPid } = options
  const counters = zeroCounters()
  const owners = socketOwners(procDir)
  let isMissingOwners = false

  return {
    dataset,
    description: `sockets in ${procDir}/net, every ${pollMs / 1000} s`,
    counters,
    degraded: () =>
      isMissingOwners && owners.unreadable > 0
        ? `${procDir}: ${owners.unreadable} processes hide their open files, so some sockets have no process; run the agent as root`
        : undefined,
    async *batches(signal, bookmark) {
      const reader = processReader({ procDir, ...(passwdFile !== undefined && { passwdFile }) })
      const users = userNames(passwdFile)
      const tracker = socketTracker(instantOf(bookmark.load()))
      /** Who held a socket, for its end: the socket is gone from its process by then. */
      const holders = new WeakMap<Socket, Process>()
      const own = new WeakSet<Socket>()
      let isFirst = true
      let malformedBefore = 0
      let before:
        | { stamp: string | undefined; text: string; tcp: readonly SocketTable[] }
        | undefined

      const toEvent = (
        socket: Socket,
        phase: Connection['phase'],
        atMs: EpochMs,
      ): readonly Connection[] => {
        if (own.has(socket)) return []
        const { transport, source, destination, inode, uid } = socket
        const process = holders.get(socket)
        const base = { kind: 'connection', phase, atMs, dataset, transport } as const
        if (process !== undefined) return [{ ...base, source, destination, process }]
        if (inode === 0) return [{ ...base, source, destination }]
        return [{ ...base, source, destination, user: users.userOf(uid) }]
      }

      for await (const atMs of clock.ticks(pollMs, signal)) {
        const stamp = readTcpStamp(procDir)
        const isTcpSame = stamp !== undefined && stamp === before?.stamp
        const tcp = isTcpSame && before ? before.tcp : readTables(procDir, 'tcp')
        const tables = [...tcp, ...readTables(procDir, 'udp')]
        const text = tables.map((table) => table.text).join('')
        const isSame = text === before?.text
        before = { stamp, text, tcp }
        if (isSame) continue
        const changes = tracker.look(tables, atMs)

        const held = changes.opened.filter((socket) => socket.inode !== 0)
        const pids = owners.find(held.map((socket) => socket.inode))
        if (held.length > 0) {
          reader.refresh()
          users.refresh()
          isMissingOwners = pids.size < held.length
        }
        const processes = new Map<number, Process | undefined>()
        for (const pid of new Set(pids.values())) processes.set(pid, reader.read(pid))
        for (const socket of held) {
          const pid = pids.get(socket.inode)
          const process = pid === undefined ? undefined : processes.get(pid)
          if (pid !== undefined && pid === ownPid) own.add(socket)
          if (process !== undefined) holders.set(socket, process)
        }

        const events: Event[] = [
          ...changes.ended.flatMap(({ socket, endMs }) => toEvent(socket, 'end', endMs)),
          ...changes.opened.flatMap((socket) =>
            toEvent(socket, isFirst ? 'progress' : 'start', atMs),
          ),
        ]
        counters.received += changes.received
        counters.emitted += changes.told
        counters.ignored += changes.ignored
        counters.malformed += changes.malformed
        // A row that cannot be read stays; it is told when it comes, not at every poll.
        const count = changes.malformed - malformedBefore
        malformedBefore = changes.malformed
        if (count > 0) events.push({ kind: 'loss', atMs, dataset, count, reason: 'malformed' })
        isFirst = false
        if (events.length > 0) yield { events, bookmark: String(atMs) }
      }
    },
  }
}

/** The bookmark is the time of the last poll that told something. */
const instantOf = (bookmark: string | undefined): EpochMs | undefined =>
  bookmark !== undefined && /^\d+$/.test(bookmark) ? Number(bookmark) : undefined

/** Read before the tables: what changes in between changes the stamp of the next poll. */
function readTcpStamp(procDir: string): string | undefined {
  const [snmp, sockstat, sockstat6] = ['snmp', 'sockstat', 'sockstat6'].map((name) =>
    tryReadKernelFile(`${procDir}/net/${name}`),
  )
  return tcpStamp(snmp ?? '', sockstat ?? '', sockstat6 ?? '')
}

function readTables(procDir: string, transport: 'tcp' | 'udp'): readonly SocketTable[] {
  // Those of IPv6 do not exist where it is switched off.
  return [transport, `${transport}6`].flatMap((name) => {
    try {
      return [{ transport, text: readKernelFile(`${procDir}/net/${name}`) }]
    } catch (cause) {
      if (name !== 'tcp' && codeOf(cause) === 'ENOENT') return []
      throw new SourceError(`${procDir}/net/${name}: ${faultOf(cause)}`, {
        cause,
        remedy: 'mount procfs there',
      })
    }
  })
}

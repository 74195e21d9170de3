/**
 * Turns lines of the unified log into events: runs of launchd's jobs, connections with their bytes, and
 * names that were resolved. Pure but for its own state; time is event time.
 *
 * Network.framework numbers the connections of each process; what a connection asked for and what its
 * tasks sent come in lines of their own, and meet here. A connection that the kernel logs as well is told
 * once: Network.framework's line has the mask of the name, which can recur.
 */
import { maskOf } from '../address.ts'
import type { CollectorCounters } from '../collector.ts'
import type { Connection, Endpoint, EpochMs, Event, Process, ScheduleRun } from '../event.ts'
import type { LoggedConnection } from './masked-connections.ts'
import { endpointOf, type LoggedEndpoint } from './network-endpoint.ts'
import { type LogEntry, parseLogLine } from './unified-log-entry.ts'
import { type KernelTcp, type LogFact, logFact } from './unified-log-message.ts'

export interface UnifiedLogStream {
  /** @param nowMs dates a loss of lines before the first entry; else the last entry does */
  push(lines: readonly string[], nowMs: EpochMs): Event[]
}

/** Connections and sockets remembered; the oldest go first. */
const MAX_OPEN = 4_096
/** The kernel logs the socket of a connection this near to when Network.framework began it. */
const SAME_CONNECTION_MS = 2_000

interface Open {
  /** The log hides this host's end: the connection's own number stands for it. */
  readonly source: Endpoint
  readonly to: LoggedEndpoint
  readonly startMs: EpochMs
  readonly transport?: 'tcp' | 'udp'
  destination?: Endpoint
  isUp: boolean
  sentBytes: number
  receivedBytes: number
}

/** What other sources know, asked for when a line comes. */
export interface LogLookups {
  /** Whether a label is a job whose runs matter, as for `esloggerStream`. */
  readonly isJob?: (label: string) => boolean
  /** Both ends in clear of a TCP socket of this host, by its ports. */
  readonly socketOf?: (localPort: number, remotePort: number) => SocketEnds | undefined
  /** Told of each connection that is up, for the source that knows its address. */
  readonly begun?: (connection: LoggedConnection) => void
}

export interface SocketEnds {
  readonly source: Endpoint
  readonly destination: Endpoint
}

export function unifiedLogStream(
  dataset: string,
  counters: CollectorCounters,
  { isJob = () => true, socketOf, begun: tell }: LogLookups = {},
): UnifiedLogStream {
  /** By pid and the number that Network.framework gave. */
  const connections = new Map<string, Open>()
  /** When Network.framework last began one, by pid and port. */
  const begun = new Map<string, EpochMs>()
  /** Sockets that this host opened, by the kernel's number. */
  const sockets = new Map<string, EpochMs>()
  let lastMs: EpochMs | undefined

  function eventsOf(entry: LogEntry, fact: LogFact): Event[] {
    switch (fact.kind) {
      case 'job':
        return isJob(fact.label) ? [run(entry.atMs, fact)] : []
      case 'tcp':
        return kernelConnection(entry.atMs, fact)
      case 'begin': {
        const destination = endpointOf(fact.to)
        remember(begun, `${entry.pid} ${fact.to.port}`, entry.atMs)
        remember(connections, keyOf(entry, fact.number), {
          source: { ip: maskOf(`C${fact.number}.${entry.pid}`), port: 0 },
          to: fact.to,
          startMs: entry.atMs,
          ...(fact.transport && { transport: fact.transport }),
          ...(destination && { destination }),
          isUp: false,
          sentBytes: 0,
          receivedBytes: 0,
        })
        return []
      }
      case 'connected': {
        const open = connections.get(keyOf(entry, fact.number))
        const reached = endpointOf(fact.to)
        if (open === undefined || open.isUp || reached === undefined) return []
        open.isUp = true
        const { domain } = open.to
        // A mask of a name stands for it; only a name in clear needs the address that it led to.
        open.destination ??= reached
        const { source, startMs, destination } = open
        tell?.({ pid: entry.pid, source, destination, startMs })
        return [
          ...(domain === undefined ? [] : [resolved(entry, domain, reached)]),
          connection(entry, open, 'start'),
        ]
      }
      case 'task': {
        const open = connections.get(keyOf(entry, fact.number))
        if (open?.destination === undefined) return []
        open.sentBytes += fact.sentBytes
        open.receivedBytes += fact.receivedBytes
        return [connection(entry, open, 'progress')]
      }
    }
  }

  function run(atMs: EpochMs, job: Extract<LogFact, { kind: 'job' }>): ScheduleRun {
    const { label, program, pid } = job
    const process: Process = { pid }
    return {
      kind: 'schedule-run',
      atMs,
      dataset,
      scheduler: 'launchd',
      scheduleId: label,
      command: program,
      process,
    }
  }

  function connection(entry: LogEntry, open: Open, phase: 'start' | 'progress'): Connection {
    const { source, startMs, transport, destination, sentBytes, receivedBytes } = open
    return {
      kind: 'connection',
      phase,
      atMs: entry.atMs,
      dataset,
      ...(transport && { transport }),
      source,
      destination: destination as Endpoint,
      process: processOf(entry),
      startMs,
      ...(phase === 'progress' && { sentBytes, receivedBytes }),
    }
  }

  const resolved = (entry: LogEntry, domain: string, { ip }: Endpoint): Event => ({
    kind: 'name-resolved',
    atMs: entry.atMs,
    dataset,
    domain,
    addresses: [ip],
    process: processOf(entry),
  })

  /** Told once, when it is over: by then lsof may know in clear what the kernel hides. */
  function kernelConnection(atMs: EpochMs, tcp: KernelTcp): Event[] {
    const { socket, phase, pid, name, sentBytes, receivedBytes } = tcp
    if (phase === 'outgoing') {
      remember(sockets, socket, atMs)
      return []
    }
    const startMs = sockets.get(socket)
    sockets.delete(socket)
    const ends = socketOf?.(tcp.local.port, tcp.remote.port)
    const source = ends?.source ?? endpointOf(tcp.local)
    const destination = ends?.destination ?? endpointOf(tcp.remote)
    // A summary does not tell who opened it: only sockets that were seen going out are ours.
    if (startMs === undefined || destination === undefined) return []
    if (isToldByFramework(pid, destination.port, startMs)) return []
    return [
      {
        kind: 'connection',
        phase: 'end',
        atMs,
        dataset,
        transport: 'tcp',
        ...(source && { source }),
        destination,
        process: { pid, name },
        startMs,
        sentBytes,
        receivedBytes,
      },
    ]
  }

  function isToldByFramework(pid: number, port: number, openedMs: EpochMs): boolean {
    const startMs = begun.get(`${pid} ${port}`)
    return startMs !== undefined && Math.abs(openedMs - startMs) < SAME_CONNECTION_MS
  }

  function take(line: string): Event[] | undefined {
    const result = parseLogLine(line)
    if (!result.ok) return undefined
    const { value } = result
    if (value.kind === 'other') return []
    if (value.kind === 'loss') {
      const { atMs, count } = value
      counters.missed += count ?? 0
      const loss = { kind: 'loss', atMs, dataset, reason: 'overrun' } as const
      return [{ ...loss, ...(count !== undefined && { count }) }]
    }
    lastMs = value.entry.atMs
    const fact = logFact(value.entry)
    return fact === undefined ? [] : eventsOf(value.entry, fact)
  }

  return {
    push(lines, nowMs) {
      const events: Event[] = []
      let malformed = 0
      for (const line of lines) {
        if (line === '') continue
        counters.received++
        const found = take(line)
        if (found === undefined) malformed++
        else if (found.length === 0) counters.ignored++
        else counters.emitted++
        events.push(...(found ?? []))
      }
      counters.malformed += malformed
      if (malformed > 0) {
        const atMs = lastMs ?? nowMs
        events.push({ kind: 'loss', atMs, dataset, count: malformed, reason: 'malformed' })
      }
      return events
    },
  }
}

const keyOf = ({ pid }: LogEntry, number: number): string => `${pid} ${number}`

const processOf = ({ pid, image, uid }: LogEntry): Process => ({
  pid,
  ...(image !== '' && { executable: image }),
  ...(uid !== undefined && { user: { id: String(uid) } }),
})

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > MAX_OPEN) map.delete(map.keys().next().value as string)
}

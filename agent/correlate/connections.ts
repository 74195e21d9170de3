/**
 * Makes one connection of what several sources saw of it. A `connect` system call knows the process
 * and the destination but not the local port; /proc knows both ends and the owner while it is open;
 * conntrack and ss know both ends and the bytes, but no process. None of them may be counted twice.
 *
 * Where both observations know both ends, these decide. Else a connection takes the nearest one to
 * the same destination that the other source has not claimed yet, within `TOGETHER_MS`.
 */
import { isMasked } from '../../platform/address.ts'
import type { Connection, Endpoint, EpochMs, Process } from '../../platform/event.ts'

/** A poller sees a connection up to its interval late, and the poll itself takes time. */
const TOGETHER_MS = 15_000
/** Forgotten this long after it was last seen: a TCP connection lingers 2 min in conntrack. */
const KEEP_MS = 10 * 60_000
/** Known by both ends at once, some 500 bytes each; those that were not seen for longest go. */
const MAX_FLOWS = 50_000

/** One connection of this host, as far as all sources together know it. */
export interface Flow {
  readonly destination: Endpoint
  readonly transport: 'tcp' | 'udp' | undefined
  readonly source: Endpoint | undefined
  readonly startMs: EpochMs
  readonly process: Process | undefined
  readonly sentBytes: number | undefined
  readonly receivedBytes: number | undefined
  readonly datasets: ReadonlySet<string>
}

interface MutableFlow extends Flow {
  destination: Endpoint
  transport: 'tcp' | 'udp' | undefined
  source: Endpoint | undefined
  startMs: EpochMs
  process: Process | undefined
  sentBytes: number | undefined
  receivedBytes: number | undefined
  datasets: Set<string>
  isStartExact: boolean
  isEnded: boolean
  lastMs: EpochMs
}

export interface Connections {
  /** The flow that this observation is of, new or known. */
  see(event: Connection): Flow
  /** Forgets what has not been seen for long. */
  forget(nowMs: EpochMs): void
  /** Flows whose both ends are known, and that may be told of again. */
  readonly size: number
}

/** Flows to one destination that another source may still tell of, in the order they were seen. */
interface Waiting {
  /** This host's end is not known yet: an observation that knows it may claim one. */
  withoutSource: MutableFlow[]
  /** Both ends are known: a system call may claim one. */
  withSource: MutableFlow[]
}

export function connections(): Connections {
  const byEnds = new Map<string, MutableFlow>()
  const waiting = new Map<string, Waiting>()

  function find(event: Connection, at: Waiting): MutableFlow | undefined {
    const startMs = event.startMs ?? event.atMs
    if (event.source !== undefined) {
      const known = byEnds.get(endsOf(event.source, event.destination))
      // The same two ports again, later: a new connection, if the old one was seen to end.
      const isToldAgain =
        known?.datasets.has(event.dataset) || startMs > (known?.lastMs ?? 0) + TOGETHER_MS
      const isAnother = known?.isEnded && event.phase === 'start' && isToldAgain
      if (known !== undefined && !isAnother) return known
    }
    const side = event.source === undefined ? 'withSource' : 'withoutSource'
    if (at[side].length === 0) return undefined
    at[side] = at[side].filter((flow) => flow.startMs >= startMs - 2 * TOGETHER_MS)
    const found = nearest(
      at[side].filter((flow) => mayBe(flow, event)),
      event,
    )
    if (found !== undefined) at[side].splice(at[side].indexOf(found), 1)
    return found
  }

  function begin(event: Connection, at: Waiting): MutableFlow {
    const flow: MutableFlow = {
      destination: event.destination,
      transport: event.transport,
      source: event.source,
      startMs: event.startMs ?? event.atMs,
      process: event.process,
      sentBytes: undefined,
      receivedBytes: undefined,
      datasets: new Set(),
      isStartExact: isExact(event),
      isEnded: false,
      lastMs: event.atMs,
    }
    at[event.source === undefined ? 'withoutSource' : 'withSource'].push(flow)
    return flow
  }

  function keep(ends: string, flow: MutableFlow): void {
    byEnds.delete(ends)
    byEnds.set(ends, flow)
    if (byEnds.size > MAX_FLOWS) byEnds.delete(byEnds.keys().next().value as string)
  }

  return {
    see(event) {
      const key = keyOf(event.destination)
      const at = waiting.get(key) ?? { withoutSource: [], withSource: [] }
      waiting.set(key, at)
      const flow = find(event, at) ?? begin(event, at)
      learn(flow, event)
      if (flow.source !== undefined) keep(endsOf(flow.source, flow.destination), flow)
      return flow
    },
    forget(nowMs) {
      for (const [key, flow] of byEnds) {
        if (flow.lastMs < nowMs - KEEP_MS) byEnds.delete(key)
      }
      const isFresh = (flow: MutableFlow) => flow.startMs >= nowMs - 2 * TOGETHER_MS
      for (const [key, at] of waiting) {
        // What no other source ever claims goes by its age: a busy destination is always fresh.
        at.withSource = at.withSource.filter(isFresh)
        at.withoutSource = at.withoutSource.filter(isFresh)
        if (at.withSource.length + at.withoutSource.length === 0) waiting.delete(key)
      }
    },
    get size() {
      return byEnds.size
    },
  }
}

/** Can this observation be of that flow, which it does not name by both ends? */
function mayBe(flow: MutableFlow, event: Connection): boolean {
  // One source tells of one connection once; only its own `progress` and `end` come again.
  if (flow.datasets.has(event.dataset)) return false
  if (flow.process && event.process && flow.process.pid !== event.process.pid) return false
  if (flow.transport && event.transport && flow.transport !== event.transport) return false
  return Math.abs(flow.startMs - (event.startMs ?? event.atMs)) <= TOGETHER_MS
}

/** The first that fits, in time: connections to one place are told in the order they were made. */
function nearest(flows: readonly MutableFlow[], event: Connection): MutableFlow | undefined {
  const atMs = event.startMs ?? event.atMs
  if (!isExact(event)) return flows[0]
  const distance = (flow: MutableFlow) => Math.abs(flow.startMs - atMs)
  return flows.reduce<MutableFlow | undefined>((best, flow) => {
    return best === undefined || distance(flow) < distance(best) ? flow : best
  }, undefined)
}

function learn(flow: MutableFlow, event: Connection): void {
  flow.datasets.add(event.dataset)
  flow.source ??= event.source
  if (isMasked(flow.destination.ip)) flow.destination = event.destination
  flow.process ??= event.process
  flow.transport ??= event.transport
  if (isExact(event) && !flow.isStartExact) {
    flow.startMs = event.startMs ?? event.atMs
    flow.isStartExact = true
  }
  // Counts only grow; sources that count packets and sources that count payload differ a little.
  flow.sentBytes = larger(flow.sentBytes, event.sentBytes)
  flow.receivedBytes = larger(flow.receivedBytes, event.receivedBytes)
  flow.isEnded ||= event.phase === 'end'
  flow.lastMs = Math.max(flow.lastMs, event.atMs)
}

/** A system call is stamped when it was made; a poller stamps when it looked, unless it says more. */
const isExact = (event: Connection): boolean =>
  event.startMs !== undefined || event.source === undefined

const larger = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)

const keyOf = ({ ip, port }: Endpoint): string => `${ip} ${port}`
/** A mask for this host's end is of one connection alone, wherever another source says that it goes. */
const endsOf = (source: Endpoint, destination: Endpoint): string =>
  isMasked(source.ip) && source.port === 0
    ? keyOf(source)
    : `${keyOf(source)} ${keyOf(destination)}`

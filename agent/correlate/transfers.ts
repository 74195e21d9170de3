/**
 * Groups connections into transfers: those of one run to one destination, each within `runQuietMs` of
 * the one before. A transfer is handed on as soon as it begins, and again whenever it is better known:
 * nothing that was seen waits in memory for its end.
 */
import { isMasked } from '../../platform/address.ts'
import type { Endpoint, EpochMs, Schedule } from '../../platform/event.ts'
import type { SeriesIdentity } from '../../storage/series.ts'
import type { Flow } from './connections.ts'
import type { Entity } from './lineage.ts'
import type { Run } from './run.ts'
import { seriesIdentity } from './series-key.ts'
import type { LineageProcess, Transfer } from './transfer.ts'

/** Byte counts of a connection come at most this long after its end; long flows stay known. */
const KEEP_MS = 15 * 60_000

/**
 * Transfers known at once, some 1 KB each: a host that connects 400 times a second would hold a quarter
 * of a gigabyte of them. Of those that go, only bytes that are told late are missed.
 */
const MAX_OPEN = 20_000

/** A program that never rests would grow one transfer for ever. */
const MAX_CONNECTIONS = 1_000
const MAX_TRANSFER_MS = 15 * 60_000

/** Characters kept of a command line: one may carry a whole program. */
const MAX_COMMAND_LINE = 512

/** Who sent: as far as the sources told. */
export interface Sender {
  readonly run: Run | undefined
  readonly schedule: Schedule | undefined
  readonly domain: string | undefined
}

export interface Transfers {
  /** A connection is new, or better known. `sender` is asked once a connection. */
  see(flow: Flow, sender: () => Sender): void
  /** The transfers that began or changed since the last call. */
  changed(): readonly RecordedTransfer[]
  forget(nowMs: EpochMs): void
  readonly size: number
}

/** A transfer with the identity of the series that it belongs to. */
export interface RecordedTransfer {
  readonly identity: SeriesIdentity
  readonly transfer: Transfer
}

interface OpenTransfer {
  readonly identity: SeriesIdentity
  readonly sender: Sender
  readonly destination: Endpoint
  readonly flows: Flow[]
  readonly startMs: EpochMs
  endMs: EpochMs
  seenMs: EpochMs
}

export function transfers(runQuietMs: number): Transfers {
  const ofFlow = new WeakMap<Flow, OpenTransfer>()
  /** The latest transfer of a run to a destination: the one that a new connection may join. */
  const latest = new Map<string, OpenTransfer>()
  const dirty = new Set<OpenTransfer>()

  function join(flow: Flow, sender: Sender): OpenTransfer {
    const identity = identityOf(flow, sender)
    const key = `${identity.key} ${sender.run?.processes.at(-1)?.entityId ?? ''}`
    const open = latest.get(key)
    if (open !== undefined && mayJoin(open, flow)) {
      open.flows.push(flow)
      open.endMs = Math.max(open.endMs, flow.startMs)
      return open
    }
    const { destination, startMs } = flow
    const begun = {
      identity,
      sender,
      destination,
      flows: [flow],
      startMs,
      endMs: startMs,
      seenMs: startMs,
    }
    latest.delete(key)
    latest.set(key, begun)
    if (latest.size > MAX_OPEN) latest.delete(latest.keys().next().value as string)
    return begun
  }

  function mayJoin({ startMs, endMs, flows }: OpenTransfer, flow: Flow): boolean {
    const isNear = Math.abs(flow.startMs - endMs) <= runQuietMs
    return isNear && flows.length < MAX_CONNECTIONS && flow.startMs - startMs < MAX_TRANSFER_MS
  }

  return {
    see(flow, sender) {
      let transfer = ofFlow.get(flow)
      if (transfer === undefined) {
        transfer = join(flow, sender())
        ofFlow.set(flow, transfer)
      }
      transfer.seenMs = Math.max(transfer.seenMs, flow.startMs)
      dirty.add(transfer)
    },
    changed() {
      const all = [...dirty].map(recorded)
      dirty.clear()
      return all
    },
    forget(nowMs) {
      for (const [key, transfer] of latest) {
        if (transfer.seenMs < nowMs - KEEP_MS) latest.delete(key)
      }
    },
    get size() {
      return latest.size
    },
  }
}

function identityOf(flow: Flow, { run, domain }: Sender): SeriesIdentity {
  const user = run?.processes[0]?.user ?? flow.process?.user
  return seriesIdentity({
    ...(run?.actor !== undefined && { actor: run.actor }),
    ...(user?.id !== undefined && { userId: user.id }),
    destinationIp: flow.destination.ip,
    ...(domain !== undefined && { destinationDomain: domain }),
    destinationPort: flow.destination.port,
    ...(flow.transport !== undefined && { transport: flow.transport }),
  })
}

function recorded({
  identity,
  sender,
  destination,
  flows,
  startMs,
  endMs,
}: OpenTransfer): RecordedTransfer {
  const first = sender.run?.processes[0]
  const user = first?.user ?? flows[0]?.process?.user
  const sentBytes = sumOf(flows, 'sentBytes')
  const receivedBytes = sumOf(flows, 'receivedBytes')
  const sourceIp = flows.find(({ source }) => source && !isMasked(source.ip))?.source?.ip
  const transport = flows.findLast((flow) => flow.transport !== undefined)?.transport
  const transfer: Transfer = {
    seriesKey: identity.key,
    startMs,
    endMs,
    connections: flows.length,
    ...(sender.run?.actor !== undefined && { actor: sender.run.actor }),
    ...(user !== undefined && { user }),
    ...(first?.loginUser !== undefined && { loginUser: first.loginUser }),
    ...(sourceIp !== undefined && { sourceIp }),
    // A mask names the series; where a source knows better, that is what is told.
    destination: flows.find((flow) => !isMasked(flow.destination.ip))?.destination ?? destination,
    ...(sender.domain !== undefined && { domain: sender.domain }),
    ...(transport !== undefined && { transport }),
    ...(sentBytes !== undefined && { sentBytes }),
    ...(receivedBytes !== undefined && { receivedBytes }),
    ...(sender.schedule !== undefined && { schedule: sender.schedule }),
    lineage: (sender.run?.processes ?? []).map(lineageProcess),
    datasets: datasetsOf(flows),
  }
  return { identity: { ...identity, ...(transport !== undefined && { transport }) }, transfer }
}

function datasetsOf(flows: readonly Flow[]): readonly string[] {
  const all = new Set<string>()
  for (const { datasets } of flows) for (const dataset of datasets) all.add(dataset)
  return [...all].sort()
}

/** Known only where at least one connection could be counted. */
function sumOf(flows: readonly Flow[], field: 'sentBytes' | 'receivedBytes'): number | undefined {
  let sum: number | undefined
  for (const { [field]: bytes } of flows) {
    if (bytes !== undefined) sum = (sum ?? 0) + bytes
  }
  return sum
}

function lineageProcess({ entityId, pid, images, startMs }: Entity): LineageProcess {
  const { executable, name, args, commandLine, codeSignature } = images.at(-1) ?? {}
  return {
    entityId,
    pid,
    startMs,
    ...(executable !== undefined && { executable }),
    ...(name !== undefined && { name }),
    ...(args !== undefined && { args }),
    ...(codeSignature !== undefined && { codeSignature }),
    ...(commandLine !== undefined && { commandLine: commandLine.slice(0, MAX_COMMAND_LINE) }),
  }
}

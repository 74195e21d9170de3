/**
 * Flows as `conntrack -E -o timestamp` tells them. Of a host, they are what it opened, and the audit
 * log beside them knows whose they are; of a router, they are connections of a network.
 *
 * Which of both it is, the flows tell: a host is one end of nearly all of them.
 */
import { parseIp } from '../../../platform/address.ts'
import type { Connection, EpochMs } from '../../../platform/event.ts'
import {
  type ConntrackFlow,
  parseConntrackLine,
  payloadBytes,
} from '../../../platform/linux/conntrack.ts'
import { conntrackTracker } from '../../../platform/linux/conntrack-tracker.ts'
import { malformed, parsed } from '../../../platform/parsed.ts'
import type { FileSinks, ReaderContext, RecordedFormat, RecordReader } from './format.ts'
import { type LineTold, lineReader } from './lines.ts'

const DATASET = 'linux.conntrack'
const EVENT = /^\[\d+\.\d+\s*\]\s*\[(?:NEW|UPDATE|DESTROY)\]/
/** Flows looked at before it is decided whose recording it is. */
const JUDGED_FLOWS = 1_000
/** Share of the flows of its family that a host is an end of; of a router's, none is of so many. */
const OWN_RATIO = 0.9
/** Flows remembered from their start to their end. */
const MAX_OPEN = 100_000

export const linuxConntrack: RecordedFormat = {
  name: 'conntrack',
  description: 'flows of Linux (conntrack -E -o timestamp)',
  is: ({ lines }) => lines.some((line) => EVENT.test(line)),
  open: conntrackReader,
}

interface TimedFlow extends ConntrackFlow {
  readonly atMs: EpochMs
}

function conntrackReader({ sinks }: ReaderContext): RecordReader {
  let early: TimedFlow[] | undefined = []
  let take: (flow: TimedFlow) => void = () => {}

  /** Until it is known whose flows they are, they wait. */
  function decide(flows: readonly TimedFlow[]): void {
    const own = ownAddresses(flows)
    take = own.size > 0 ? hostFlows(own, sinks) : networkFlows(sinks)
    early = undefined
    for (const flow of flows) take(flow)
  }

  return lineReader(
    sinks,
    (line) => {
      const flow = parseConntrackLine(line)
      if (!flow.ok) return flow
      if (flow.value === undefined) return parsed(undefined)
      const { atMs } = flow.value
      if (atMs === undefined) return malformed('no time: record with -o timestamp')
      const timed: TimedFlow = { ...flow.value, atMs }
      if (early === undefined) take(timed)
      else if (early.push(timed) >= JUDGED_FLOWS) decide(early)
      return parsed(TOLD)
    },
    () => {
      if (early !== undefined) decide(early)
      return undefined
    },
  )
}

/** The line was of use; what came of it has gone to its sink already, or will. */
const TOLD: LineTold = { host: '', events: [] }

function ownAddresses(flows: readonly ConntrackFlow[]): ReadonlySet<string> {
  const own = new Set<string>()
  for (const isIpv6 of [false, true]) {
    const family = flows.filter(({ original }) => original.sourceIp.includes(':') === isIpv6)
    const ends = new Map<string, number>()
    for (const { original } of family) {
      for (const ip of new Set([original.sourceIp, original.destinationIp])) {
        ends.set(ip, (ends.get(ip) ?? 0) + 1)
      }
    }
    const [first, second] = [...ends].sort(([, a], [, b]) => b - a)
    if (first === undefined || first[1] < OWN_RATIO * family.length) continue
    // Where all flows are between the same two, the one that opens them is the recording host.
    const isTied = second !== undefined && second[1] === first[1]
    const address = parseIp(isTied ? (family[0]?.original.sourceIp ?? '') : first[0])
    if (address !== undefined) own.add(address)
  }
  return own
}

/** As the live agent reads them: what this host opened. */
function hostFlows(own: ReadonlySet<string>, sinks: FileSinks): (flow: TimedFlow) => void {
  const tracker = conntrackTracker({ dataset: DATASET })
  const startOf = startTimes()
  return (flow) => {
    const startMs = startOf(flow)
    if (startMs === undefined) return
    const ended = tracker.destroyed(flow, own, flow.atMs)
    if (ended === undefined) return
    if (flow.event === 'destroy') {
      sinks.event('', { ...ended, startMs, atMs: Math.max(startMs, ended.atMs) })
      return
    }
    // No bytes yet: they are counted when it is over.
    const { kind, dataset, transport, source, destination } = ended
    const start: Connection = {
      ...{ kind, phase: 'start', atMs: startMs, dataset, destination },
      ...(transport && { transport }),
      ...(source && { source }),
    }
    sinks.event('', start)
  }
}

/** Between any two hosts: a flow counts when it is over, with its bytes. */
function networkFlows(sinks: FileSinks): (flow: TimedFlow) => void {
  const startOf = startTimes()
  return (flow) => {
    const startMs = startOf(flow)
    if (startMs === undefined || flow.event !== 'destroy') return
    const { transport, original, reply } = flow
    const [sourceIp, destinationIp] = [parseIp(original.sourceIp), parseIp(original.destinationIp)]
    if (sourceIp === undefined || destinationIp === undefined) return
    const sentBytes = payloadBytes(transport, original)
    sinks.connection({
      ...{ startMs, sourceIp, destinationIp, transport, sentBytes },
      sourcePort: original.sourcePort,
      destinationPort: original.destinationPort,
      receivedBytes: payloadBytes(transport, reply),
      isTransfer: sentBytes !== 0 && !(transport === 'tcp' && flow.isUnreplied),
      isSourceLocal: undefined,
      isDestinationLocal: undefined,
    })
  }
}

/**
 * When a flow began: its first event, else its age. `undefined` where there is nothing to tell: a
 * TCP flow that was not answered yet, or one that is told of again.
 */
function startTimes(): (flow: TimedFlow) => EpochMs | undefined {
  const open = new Map<string, { readonly startMs: EpochMs; isTold: boolean }>()
  return (flow) => {
    const { transport, original, event, atMs, ageSeconds, isUnreplied } = flow
    const { sourceIp, sourcePort, destinationIp, destinationPort } = original
    const key = `${transport} ${sourceIp} ${sourcePort} ${destinationIp} ${destinationPort}`
    const known = open.get(key)
    if (event === 'destroy') {
      open.delete(key)
      if (transport === 'tcp' && isUnreplied) return undefined
      return known?.startMs ?? (ageSeconds === undefined ? atMs : atMs - ageSeconds * 1000)
    }
    if (known === undefined || event === 'new') {
      if (open.size >= MAX_OPEN) open.delete(open.keys().next().value as string)
      open.set(key, { startMs: atMs, isTold: false })
    }
    const flowOpen = open.get(key)
    if (flowOpen === undefined || flowOpen.isTold) return undefined
    if (transport === 'tcp' && isUnreplied) return undefined
    flowOpen.isTold = true
    return flowOpen.startMs
  }
}

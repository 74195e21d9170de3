/**
 * Events in, transfers out: lineage, names, schedules and connections, joined. Event time only.
 *
 * A connection without a known process waits a moment for the source that knows it (`claimMs`): audit
 * records and /proc are read by different collectors, and the poller may be first.
 */

import { networkScope } from '../../platform/address.ts'
import type { Connection, EpochMs, Event, Process, Schedule } from '../../platform/event.ts'
import type { Gap } from '../../storage/series.ts'
import { connections, type Flow } from './connections.ts'
import { lineage } from './lineage.ts'
import { names } from './names.ts'
import { runOf } from './run.ts'
import { schedules } from './schedules.ts'
import { type RecordedTransfer, type Sender, transfers } from './transfers.ts'

/** How often the correlator forgets what is over, event time. */
const FORGET_EVERY_MS = 30_000

export interface CorrelatorOptions {
  readonly bootId: string
  /** Connections of a run closer than this are one transfer, ms. */
  readonly runQuietMs: number
  /** How long a connection waits for the source that knows its process, ms. */
  readonly claimMs: number
  readonly maxProcesses: number
  /** Which destinations are no transfers. */
  readonly include: {
    readonly loopback: boolean
    readonly linkLocal: boolean
    readonly multicast: boolean
    readonly private: boolean
  }
  /** Jobs known from an earlier start. */
  readonly knownSchedules?: readonly Schedule[]
  /** Looks at a living process that no event told of. */
  readonly lookUp?: (pid: number) => Process | undefined
  /** Is this connection the agent's own? */
  readonly isOwn?: (flow: Flow) => boolean
}

/** What became of the events so far. */
export interface Correlated {
  readonly transfers: readonly RecordedTransfer[]
  readonly gaps: readonly Gap[]
  readonly schedules: readonly Schedule[]
  readonly forgottenSchedules: readonly string[]
}

export interface Correlator {
  take(events: readonly Event[]): void
  /** Event time goes on without events: lets go what waited. */
  pass(nowMs: EpochMs): void
  /** What came of it since the last call: a transfer that became better known in between is told once. */
  drain(): Correlated
  /** `take` and `drain` */
  push(events: readonly Event[]): Correlated
  /** `pass` and `drain` */
  advance(nowMs: EpochMs): Correlated
  schedules(): readonly Schedule[]
}

export function createCorrelator(options: CorrelatorOptions): Correlator {
  const processes = lineage(options)
  const resolved = names()
  const jobs = schedules()
  const flows = connections()
  const open = transfers(options.runQuietMs)
  /**
   * Connections that wait for the source that knows their process, by when they came: not by when
   * they were, since after a restart a source tells of the past, and another one catches up with it.
   */
  const unclaimed = new Map<Flow, EpochMs | undefined>()
  let gaps: Gap[] = []
  let changedSchedules: Schedule[] = []
  let forgottenSchedules: string[] = []
  let forgottenMs = 0

  for (const schedule of options.knownSchedules ?? []) {
    jobs.change({ kind: 'schedule-change', change: 'found', schedule, atMs: 0, dataset: 'agent' })
  }

  function takeOne(event: Event): void {
    switch (event.kind) {
      case 'process-start':
        processes.start(event.process, event.atMs, event.parent)
        return
      case 'process-end':
        processes.end(event.process.pid, event.atMs)
        return
      case 'connection':
        connect(event)
        return
      case 'name-resolved':
        resolved.resolved(event)
        return
      case 'schedule-change':
        jobs.change(event)
        if (event.change === 'deletion') forgottenSchedules.push(event.schedule.id)
        else changedSchedules.push(event.schedule)
        return
      case 'schedule-run':
        jobs.ran(event)
        return
      case 'loss':
        if (event.fromMs !== undefined && event.fromMs < event.atMs) {
          gaps.push({
            fromMs: event.fromMs,
            toMs: event.atMs,
            reason: `${event.dataset}: ${event.reason}`,
          })
        }
        return
      default:
        event satisfies never
    }
  }

  function connect(event: Connection): void {
    // Port 0 is how a resolver asks the kernel for a route: nothing is sent.
    if (event.destination.port === 0 || !isTransfer(event.destination.ip, options.include)) return
    const flow = flows.see(event)
    if (flow.process === undefined) {
      if (!unclaimed.has(flow)) unclaimed.set(flow, undefined)
      return
    }
    unclaimed.delete(flow)
    if (!options.isOwn?.(flow)) open.see(flow, () => senderOf(flow))
  }

  function senderOf(flow: Flow): Sender {
    const domain = resolved.of(flow.destination.ip)
    if (flow.process === undefined) return { run: undefined, schedule: undefined, domain }
    const run = runOf(processes.ancestry(processes.of(flow.process, flow.startMs)))
    return { run, schedule: jobs.of(run), domain }
  }

  function pass(nowMs: EpochMs): void {
    for (const [flow, sinceMs] of unclaimed) {
      if (sinceMs === undefined) unclaimed.set(flow, nowMs)
      if (sinceMs === undefined || sinceMs > nowMs - options.claimMs) continue
      unclaimed.delete(flow)
      if (!options.isOwn?.(flow)) open.see(flow, () => senderOf(flow))
    }
    if (nowMs - forgottenMs < FORGET_EVERY_MS) return
    forgottenMs = nowMs
    flows.forget(nowMs)
    open.forget(nowMs)
  }

  function take(events: readonly Event[]): void {
    for (const event of events) takeOne(event)
  }

  function drain(): Correlated {
    const out = { transfers: open.changed(), gaps, schedules: changedSchedules, forgottenSchedules }
    gaps = []
    changedSchedules = []
    forgottenSchedules = []
    return out
  }

  return {
    ...{ take, pass, drain },
    push(events) {
      take(events)
      return drain()
    },
    advance(nowMs) {
      pass(nowMs)
      return drain()
    },
    schedules: jobs.all,
  }
}

function isTransfer(ip: string, include: CorrelatorOptions['include']): boolean {
  switch (networkScope(ip)) {
    case 'loopback':
      return include.loopback
    case 'link-local':
      return include.linkLocal
    case 'multicast':
      return include.multicast
    case 'private':
      return include.private
    case 'unspecified':
      return false
    case 'external':
      return true
  }
}

/**
 * Keeps the agent within its share of the CPU and near the present. Above it, or behind, the excess is
 * left out, and counted: what one sender does beyond so many events a second (a port scan, a build, a
 * busy proxy), and what new senders and new series do together beyond five times as many (a flood of
 * names made up). Who recurs is known by then, sends little, and loses nothing: a beacon is such a one.
 *
 * A first sight counts for little while a flood lasts: a beacon that begins in one is known, and kept,
 * from its second beat. Seconds are those of the events: a log that is read on after a start is no
 * flood. What it can't help, `limits.maxLag` does: what waits for longer is left out unread.
 */
import type { Event } from '../platform/event.ts'
import { hashOf, recurrence } from './recurrence.ts'

/** No sender is held to fewer events a second. */
const MIN_CAP = 20
/** So many caps are for all that is new together, and for all known series of one sender together. */
const TOGETHER = 5
/** A change of the cap is judged by what it did, ms. */
const JUDGE_MS = 5_000
const TIGHTEN_RATIO = 0.5
const LOOSEN_RATIO = 1.5
/** Below this part of the share the cap is loosened, so that it does not swing to and fro. */
const LOW_RATIO = 0.7
/** Behind by this part of the bound it is tightened, whatever the CPU says. */
const BEHIND_RATIO = 1 / 3
/** Places for what senders and series did in their second. Two that share one are counted together. */
const TALLIES = 1 << 16

export interface Shedder {
  /** What is to be worked on, in its order. */
  sift(events: readonly Event[]): readonly Event[]
  /**
   * Looks at the CPU and at what waits, and moves the cap.
   * @param cpuMs of the process, since it began
   * @param behindMs how long the oldest waits of what has come
   * @param monotonicMs when
   */
  look(cpuMs: number, behindMs: number, monotonicMs: number): void
  /** `undefined` where nothing was ever left out. */
  status(): Shed | undefined
}

/** What was left out. */
export interface Shed {
  /** Since start. */
  readonly events: number
  /** Events a second of one sender beyond which they are left out now; `undefined`: none are. */
  readonly cap?: number
}

export interface ShedderLimits {
  /** Share of one core, 0 to 1; at 1 nothing is ever left out. */
  readonly cpu: number
  readonly maxLagMs: number
}

export function createShedder(limits: () => ShedderLimits): Shedder {
  const seen = recurrence()
  const tallies = { seconds: new Float64Array(TALLIES), counts: new Uint32Array(TALLIES) }
  /** Of all that is new. */
  const news = { second: 0, count: 0 }
  let cap = Number.POSITIVE_INFINITY
  let events = 0
  /** The largest load in one second, since the last look that moved the cap. */
  let busiest = 0
  let last: { readonly cpuMs: number; readonly monotonicMs: number } | undefined

  function countOf(hash: number, second: number): number {
    const at = hash & (TALLIES - 1)
    const before = tallies.seconds[at] === second ? (tallies.counts[at] as number) : 0
    tallies.seconds[at] = second
    tallies.counts[at] = before + 1
    return before + 1
  }

  function countNew(second: number): number {
    if (news.second !== second) news.count = 0
    news.second = second
    news.count++
    return news.count
  }

  /** How many caps' worth of its second an event is the last of. */
  function loadOf(event: Event): number {
    const name = senderOf(event)
    if (name === undefined) return 0
    const second = Math.floor(event.atMs / 1_000)
    const sender = hashOf(name)
    const series = event.kind === 'connection' ? hashOf(event.destination.ip, sender) : sender
    const isNew = !seen.see(series, event.atMs)
    const inSeries = countOf(series, second)
    // Apart, so that what a sender does for the first time takes no room of what it does ever again.
    const ofSender = event.kind === 'connection' ? countOf(isNew ? sender : ~sender, second) : 0
    const own = Math.max(inSeries, isNew ? ofSender : ofSender / TOGETHER)
    // What one sender does beyond its own cap takes no other's room.
    return isNew && own <= cap ? Math.max(own, countNew(second) / TOGETHER) : own
  }

  function isExcess(event: Event): boolean {
    const load = loadOf(event)
    busiest = Math.max(busiest, load)
    return load > cap
  }

  function tighten(): void {
    cap = Math.max(MIN_CAP, Math.floor(Math.min(cap, busiest) * TIGHTEN_RATIO))
  }

  return {
    sift(batch) {
      if (limits().cpu >= 1) return batch
      const kept = batch.filter((event) => !isExcess(event))
      events += batch.length - kept.length
      return kept.length === batch.length ? batch : kept
    },
    look(cpuMs, behindMs, monotonicMs) {
      const { cpu, maxLagMs } = limits()
      const isBehind = behindMs > maxLagMs * BEHIND_RATIO
      if (isBehind) tighten()
      if (last !== undefined && monotonicMs - last.monotonicMs < JUDGE_MS) return
      const before = last
      last = { cpuMs, monotonicMs }
      if (before === undefined) return
      const used = (cpuMs - before.cpuMs) / (monotonicMs - before.monotonicMs)
      if (!isBehind && used > cpu) tighten()
      else if (!isBehind && used < cpu * LOW_RATIO) cap *= LOOSEN_RATIO
      if (cap > busiest * 2) cap = Number.POSITIVE_INFINITY
      busiest = 0
    },
    status() {
      if (events === 0) return undefined
      return Number.isFinite(cap) ? { events, cap: Math.floor(cap) } : { events }
    },
  }
}

/** Whose flood it is part of: its program, else its destination. Jobs and losses are always told. */
function senderOf(event: Event): string | undefined {
  switch (event.kind) {
    case 'process-start':
    case 'process-end':
    case 'name-resolved':
      return event.process?.executable ?? event.process?.name
    case 'connection': {
      const { process, destination } = event
      return process?.executable ?? process?.name ?? destination.ip
    }
    default:
      return undefined
  }
}

/**
 * Keeps the agent within its share of the CPU. Above it, what one sender does beyond so many events a
 * second is left out, and counted: the flood of a port scan, a build or a busy proxy. Who sends
 * little loses nothing, and a beacon sends little; that is why it is the excess that goes.
 *
 * Seconds are those of the events: a log that is read on after a start is no flood. It can't help where
 * each event has another sender; the service manager's own limit stands behind it.
 */
import type { Event } from '../platform/event.ts'

/** No sender is held to fewer events a second. */
const MIN_CAP = 20
/** A change of the cap is judged by what it did, ms. */
const JUDGE_MS = 5_000
const TIGHTEN_RATIO = 0.5
const LOOSEN_RATIO = 1.5
/** Below this part of the share the cap is loosened, so that it does not swing to and fro. */
const LOW_RATIO = 0.7
/** Senders remembered; a second has few. */
const MAX_SENDERS = 10_000

export interface Shedder {
  /** What is to be worked on, in its order. */
  sift(events: readonly Event[]): readonly Event[]
  /**
   * Looks at the CPU and moves the cap.
   * @param cpuMs of the process, since it began
   * @param monotonicMs when
   */
  look(cpuMs: number, monotonicMs: number): void
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

/** @param share of one core, 0 to 1; at 1 nothing is ever left out */
export function createShedder(share: () => number): Shedder {
  const senders = new Map<string, { second: number; count: number }>()
  let cap = Number.POSITIVE_INFINITY
  let events = 0
  /** The most events of one sender in one second, since the last look that judged. */
  let busiest = 0
  let last: { readonly cpuMs: number; readonly monotonicMs: number } | undefined

  function isExcess(event: Event): boolean {
    const sender = senderOf(event)
    if (sender === undefined) return false
    const second = Math.floor(event.atMs / 1_000)
    let tally = senders.get(sender)
    if (tally === undefined) {
      if (senders.size >= MAX_SENDERS) senders.clear()
      tally = { second, count: 0 }
      senders.set(sender, tally)
    } else if (tally.second !== second) {
      tally.second = second
      tally.count = 0
    }
    tally.count++
    busiest = Math.max(busiest, tally.count)
    return tally.count > cap
  }

  return {
    sift(batch) {
      if (share() >= 1) return batch
      const kept = batch.filter((event) => !isExcess(event))
      events += batch.length - kept.length
      return kept.length === batch.length ? batch : kept
    },
    look(cpuMs, monotonicMs) {
      if (last !== undefined && monotonicMs - last.monotonicMs < JUDGE_MS) return
      const before = last
      last = { cpuMs, monotonicMs }
      if (before === undefined) return
      const used = (cpuMs - before.cpuMs) / (monotonicMs - before.monotonicMs)
      if (used > share())
        cap = Math.max(MIN_CAP, Math.floor(Math.min(cap, busiest) * TIGHTEN_RATIO))
      else if (used < share() * LOW_RATIO) cap *= LOOSEN_RATIO
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

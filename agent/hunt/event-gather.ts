/**
 * Events of recorded hosts, kept until all files are read, then joined into transfers host by host, in
 * the order of their time: a recording is written in the order in which its records were done with, and
 * its files may be given in any. Pure but for its own state.
 */
import type { Event } from '../../platform/event.ts'
import { SECURITY_DATASET } from '../../platform/windows/security.ts'
import { createCorrelator } from '../correlate/correlator.ts'
import type { RecordedTransfer } from '../correlate/transfers.ts'

/** Some 500 bytes each. */
const MAX_EVENTS = 1_000_000
/** Events joined at a time. */
const BATCH = 4_096
/** Connections of one run within it are one beat; a beacon may beat each few seconds. */
const RUN_QUIET_MS = 1_000
const CLAIM_MS = 2_000
const MAX_PROCESSES = 100_000
/** The fallback where Sysmon is absent: with it, it tells the same connections once more. */
const FALLBACK = SECURITY_DATASET

export interface EventGather {
  /** @param host its name; records of several may stand in one file */
  add(host: string, event: Event): void
  /** Hands on what became of the events, and forgets them. A transfer may come again, better known. */
  pour(take: (host: string, transfer: RecordedTransfer) => void): void
  /** Events for which there was no room. */
  readonly dropped: number
}

export function eventGather(): EventGather {
  const hosts = new Map<string, Event[]>()
  let held = 0
  let dropped = 0

  return {
    add(host, event) {
      if (held >= MAX_EVENTS) {
        dropped++
        return
      }
      held++
      const events = hosts.get(host)
      if (events === undefined) hosts.set(host, [event])
      else events.push(event)
    },
    pour(take) {
      for (const [host, events] of hosts) {
        hosts.delete(host)
        for (const transfer of transfersOf(host, events)) take(host, transfer)
      }
      held = 0
    },
    get dropped() {
      return dropped
    },
  }
}

function* transfersOf(host: string, all: readonly Event[]): Generator<RecordedTransfer> {
  const hasSysmon = all.some((event) => event.kind === 'connection' && event.dataset !== FALLBACK)
  const events = all
    .filter((event) => !(hasSysmon && event.kind === 'connection' && event.dataset === FALLBACK))
    .sort((a, b) => a.atMs - b.atMs)
  const correlator = createCorrelator({
    bootId: host,
    runQuietMs: RUN_QUIET_MS,
    claimMs: CLAIM_MS,
    maxProcesses: MAX_PROCESSES,
    include: { loopback: false, linkLocal: true, multicast: true, private: true },
  })
  for (let at = 0; at < events.length; at += BATCH) {
    const batch = events.slice(at, at + BATCH)
    yield* correlator.push(batch).transfers
    yield* correlator.advance(batch.at(-1)?.atMs ?? 0).transfers
  }
  // What still waits for its process is let go: first it is told the time, then that it is over.
  const lastMs = events.at(-1)?.atMs ?? 0
  yield* correlator.advance(lastMs + CLAIM_MS).transfers
  yield* correlator.advance(lastMs + 3 * CLAIM_MS).transfers
}

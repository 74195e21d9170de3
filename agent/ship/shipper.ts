/**
 * Drives the outbox: takes what waits, posts it, and marks what the endpoint has said. An alert
 * leaves the outbox only by a word of the endpoint about it, so it arrives at least once.
 *
 * A request that is refused as a whole is halved until the one document at fault stands alone; that
 * one is given up only when the same round shows that the endpoint takes others.
 */
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import type { RejectedDocument, StoredAlert } from '../../storage/alert.ts'
import type { Store } from '../../storage/store.ts'
import type { EndpointStatus } from '../control/status.ts'
import { backoffMs } from './backoff.ts'
import type { Endpoint } from './endpoint.ts'
import { refusal, retryAfterMs, type Verdict, verdictOnStatus, type WireFormat } from './verdict.ts'

export interface ShipperOptions {
  /** Its name: what it has taken is kept under it. */
  readonly output: string
  readonly store: Pick<Store, 'unsentAlerts' | 'markSent' | 'markRejected'>
  readonly endpoint: Endpoint
  readonly format: WireFormat
  readonly clock: { now(): EpochMs }
  /** Returns after `ms`, or as soon as `signal` aborts. Never throws. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1. */
  readonly random: () => number
  /** In one request. */
  readonly maxAlerts?: number
  /** Of one request, before compression; a single larger alert is still sent. */
  readonly maxBytes?: number
  /** How often the outbox is looked into when nothing wakes the shipper. */
  readonly idleMs?: number
  readonly minBackoffMs?: number
  readonly maxBackoffMs?: number
}

export interface Shipper {
  /** Ships what comes into the outbox until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** There is something new: do not wait for the next look. Never shortens a wait after a failure. */
  wake(): void
  /** Ships now what waits, without a second attempt. @returns whether nothing is left */
  flush(signal?: AbortSignal): Promise<boolean>
  status(): EndpointStatus
}

/** What one look into the outbox came to. */
interface Round {
  taken: number
  rejected: number
  readonly suspects: RejectedDocument[]
  /** Why not all of it went; the last reason. */
  failure?: string | undefined
  retryAfterMs: number
}

/** After a 413 the requests grow again by this part of their bound: one large alert may have caused it. */
const REGROWTH_RATIO = 1 / 16

export function createShipper(options: ShipperOptions): Shipper {
  const { output, store, endpoint, format, clock, sleep, random } = options
  const { maxBytes = 2 ** 20, idleMs = 30_000, minBackoffMs = 1_000 } = options
  const backoff = { minMs: minBackoffMs, maxMs: options.maxBackoffMs ?? 300_000 }
  const alertsBound = options.maxAlerts ?? 500
  let maxAlerts = alertsBound
  let status: EndpointStatus = { url: endpoint.url, failuresInRow: 0 }
  let isWoken = false
  let idling: AbortController | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** Rounds never overlap: `run` and `flush` wait for each other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }

  async function post(alerts: readonly StoredAlert[], signal?: AbortSignal): Promise<Verdict> {
    try {
      const body = format.encode(alerts)
      const answer = await endpoint.post(format.path, body, format.contentType, signal)
      return verdictOnStatus(answer) ?? format.read(answer, alerts)
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      return { kind: 'unavailable', reason: error.message }
    }
  }

  async function ship(
    alerts: readonly StoredAlert[],
    round: Round,
    signal?: AbortSignal,
  ): Promise<void> {
    const verdict = await post(alerts, signal)
    switch (verdict.kind) {
      case 'answered': {
        const { taken, rejected, suspected } = verdict
        if (taken.length > 0) store.markSent(output, taken)
        if (rejected.length > 0) store.markRejected(output, rejected, clock.now())
        round.taken += taken.length
        round.rejected += rejected.length
        round.suspects.push(...suspected)
        const left = alerts.length - taken.length - rejected.length - suspected.length
        const again = verdict.againBecause ?? 'no answer'
        if (left > 0) round.failure = `${left} to be sent again (${again})`
        return
      }
      case 'too-large':
      case 'refused': {
        const [first] = alerts
        if (first !== undefined && alerts.length === 1) {
          round.suspects.push(refusal(first, verdict.reason))
          return
        }
        const half = Math.ceil(alerts.length / 2)
        if (verdict.kind === 'too-large') maxAlerts = half
        await ship(alerts.slice(0, half), round, signal)
        if (round.failure === undefined) await ship(alerts.slice(half), round, signal)
        return
      }
      case 'unavailable':
        round.failure = verdict.reason
        round.retryAfterMs = retryAfterMs(verdict.retryAfter, clock.now())
        return
    }
    verdict satisfies never
  }

  /** One look into the outbox. @returns `undefined` where nothing waits */
  async function look(signal?: AbortSignal): Promise<Round | undefined> {
    const alerts = upTo(maxBytes, store.unsentAlerts(output, maxAlerts))
    if (alerts.length === 0) return undefined
    const round: Round = { taken: 0, rejected: 0, suspects: [], retryAfterMs: 0 }
    try {
      await ship(alerts, round, signal)
      if (round.taken > 0) {
        if (round.suspects.length > 0) store.markRejected(output, round.suspects, clock.now())
        round.rejected += round.suspects.length
        maxAlerts = Math.min(alertsBound, maxAlerts + Math.ceil(alertsBound * REGROWTH_RATIO))
      } else {
        round.failure ??= round.suspects[0]?.reason
      }
    } catch (error) {
      // The store could not write: what was taken is sent again, and the endpoint knows it by its id.
      if (!(error instanceof AgentError)) throw error
      round.failure = messageOf(error)
    }
    if (signal?.aborted !== true) tell(round)
    return round
  }

  function tell({ taken, rejected, failure }: Round): void {
    const counts = `${taken} taken${rejected > 0 ? `, ${rejected} rejected` : ''}`
    const failures = taken + rejected > 0 ? 1 : status.failuresInRow + 1
    status = {
      url: endpoint.url,
      lastAnswer:
        failure === undefined ? counts : taken + rejected > 0 ? `${counts}, ${failure}` : failure,
      lastAnswerMs: clock.now(),
      failuresInRow: failure === undefined ? 0 : failures,
    }
  }

  async function idle(signal: AbortSignal): Promise<void> {
    if (!isWoken) {
      idling = new AbortController()
      await sleep(idleMs, AbortSignal.any([signal, idling.signal]))
      idling = undefined
    }
    isWoken = false
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const round = await inTurn(() => look(signal))
        if (signal.aborted) return
        if (round === undefined) await idle(signal)
        else if (round.failure !== undefined) {
          const waitMs = backoffMs(Math.max(status.failuresInRow, 1), backoff, random())
          await sleep(Math.max(waitMs, round.retryAfterMs), signal)
        }
      }
    },
    wake() {
      isWoken = true
      idling?.abort()
    },
    async flush(signal) {
      while (signal?.aborted !== true) {
        const round = await inTurn(() => look(signal))
        if (round === undefined) return true
        if (round.failure !== undefined) return false
      }
      return false
    },
    status: () => status,
  }
}

/** The first of `alerts` that fit, at least one. */
function upTo(maxBytes: number, alerts: readonly StoredAlert[]): readonly StoredAlert[] {
  let bytes = 0
  const end = alerts.findIndex(({ document }, i) => {
    bytes += document.length
    return i > 0 && bytes > maxBytes
  })
  return end < 0 ? alerts : alerts.slice(0, end)
}

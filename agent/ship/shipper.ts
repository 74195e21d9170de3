/**
 * Drives one output: takes what the outbox holds for it, sends it, and marks what the output has said.
 * An alert leaves the outbox only by a word about it, so it arrives at least once.
 *
 * A request that is refused as a whole is halved until the one document at fault stands alone; that
 * one is given up only when the same round shows that the output takes others.
 *
 * Reports of the agent's health go out behind the alerts, the newest only, and never hold them up.
 */
import { AgentError, messageOf } from '../../platform/errors.ts'
import type { EpochMs } from '../../platform/event.ts'
import type { RejectedDocument, StoredAlert } from '../../storage/alert.ts'
import type { Store } from '../../storage/store.ts'
import type { OutputStatus } from '../control/status.ts'
import { backoffMs } from './backoff.ts'
import { sendHealth } from './send-health.ts'
import { type Parcel, refusal, retryAfterMs, type Target } from './verdict.ts'

export interface ShipperOptions {
  /** Its name: what it has taken is kept under it. */
  readonly output: string
  readonly store: Pick<Store, 'unsentAlerts' | 'markSent' | 'markRejected'>
  readonly target: Target
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
  /** The agent's health as of now; takes the place of a report that still waits. */
  report(health: Parcel): void
  /** Ships now what waits, without a second attempt. @returns whether nothing is left */
  flush(signal?: AbortSignal): Promise<boolean>
  status(): OutputStatus
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
/** Refused singly before anything was taken: such an output is not asked for each of 200. */
const MAX_SUSPECTS = 8

export function createShipper(options: ShipperOptions): Shipper {
  const { output, store, target, clock, sleep, random } = options
  const { maxBytes = 2 ** 20, idleMs = 30_000, minBackoffMs = 1_000 } = options
  const backoff = { minMs: minBackoffMs, maxMs: options.maxBackoffMs ?? 300_000 }
  const alertsBound = options.maxAlerts ?? 500
  let maxAlerts = alertsBound
  let answer: Omit<OutputStatus, 'name' | 'place'> = { failuresInRow: 0 }
  let health: Parcel | undefined
  let isWoken = false
  let idling: AbortController | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** Rounds never overlap: `run` and `flush` wait for each other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }

  async function ship(
    alerts: readonly StoredAlert[],
    round: Round,
    signal?: AbortSignal,
  ): Promise<void> {
    const verdict = await target.send('alert', alerts, signal)
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
          if (round.taken === 0 && round.suspects.length >= MAX_SUSPECTS) {
            round.failure = verdict.reason
          }
          return
        }
        const half = Math.ceil(alerts.length / 2)
        if (verdict.kind === 'too-large') maxAlerts = half
        const halves = [alerts.slice(0, half), alerts.slice(half)]
        // By chance, so that a few bad ones side by side do not hide in every round that others go.
        for (const part of random() < 0.5 ? halves.toReversed() : halves) {
          if (round.failure === undefined) await ship(part, round, signal)
        }
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
    const hasAnswer = taken + rejected > 0
    const text = failure === undefined ? counts : hasAnswer ? `${counts}, ${failure}` : failure
    note(text, failure === undefined, hasAnswer)
  }

  /** @param hasAnswer it took or refused something, so that earlier failures are over */
  function note(lastAnswer: string, isGood: boolean, hasAnswer: boolean): void {
    const failures = hasAnswer ? 1 : answer.failuresInRow + 1
    answer = { lastAnswer, lastAnswerMs: clock.now(), failuresInRow: isGood ? 0 : failures }
  }

  /** One try: the next report says the same and more. */
  async function tellHealth(signal?: AbortSignal): Promise<void> {
    if (health === undefined) return
    const report = health
    health = undefined
    const { refused, lastAnswer, isTaken } = await sendHealth(target, report, signal)
    if (signal?.aborted) return
    note(lastAnswer, isTaken, isTaken || refused !== undefined)
    if (refused === undefined) return
    try {
      store.markRejected(output, [refused], clock.now())
    } catch (error) {
      // A full disk: the letter is lost, and the next report brings the same one.
      if (!(error instanceof AgentError)) throw error
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

  const wake = (): void => {
    isWoken = true
    idling?.abort()
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const round = await inTurn(() => look(signal))
        if (signal.aborted) return
        if (round?.failure !== undefined) {
          const waitMs = backoffMs(Math.max(answer.failuresInRow, 1), backoff, random())
          await sleep(Math.max(waitMs, round.retryAfterMs), signal)
          continue
        }
        await inTurn(() => tellHealth(signal))
        if (round === undefined && !signal.aborted) await idle(signal)
      }
    },
    wake,
    report(parcel) {
      health = parcel
      wake()
    },
    async flush(signal) {
      while (signal?.aborted !== true) {
        const round = await inTurn(() => look(signal))
        if (round === undefined) {
          await inTurn(() => tellHealth(signal))
          return true
        }
        if (round.failure !== undefined) return false
      }
      return false
    },
    status: () => ({ name: output, place: target.place(), ...answer }),
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

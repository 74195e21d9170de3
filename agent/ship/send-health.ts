/**
 * Sends one report of the agent's health, and says what became of it. Its figures are sums since the
 * start, so that a report that is lost costs nothing but resolution: it is never tried again.
 */
import type { RejectedDocument } from '../../storage/alert.ts'
import { type Parcel, refusal, type Target } from './verdict.ts'

/** Of its health an output has one dead letter, the last: it is the same mistake each time. */
const LETTER_ID = 'health'

export interface HealthAnswer {
  readonly lastAnswer: string
  readonly isTaken: boolean
  /** For the dead letters: it would refuse the next one too. */
  readonly refused?: RejectedDocument
}

export async function sendHealth(
  target: Target,
  report: Parcel,
  signal?: AbortSignal,
): Promise<HealthAnswer> {
  const verdict = await target.send('health', [report], signal)
  if (verdict.kind === 'unavailable') return notTaken(verdict.reason)
  if (verdict.kind !== 'answered') return refusedBecause(verdict.reason)
  const { taken, rejected, suspected, againBecause = 'no answer' } = verdict
  if (taken.length > 0) return { lastAnswer: 'health taken', isTaken: true }
  const [refused] = [...rejected, ...suspected]
  return refused === undefined ? notTaken(againBecause) : refusedBecause(refused.reason)

  function refusedBecause(reason: string): HealthAnswer {
    const letter = { ...report, id: LETTER_ID, revision: 0 }
    return { ...notTaken(reason), refused: refusal(letter, reason) }
  }
}

const notTaken = (reason: string): HealthAnswer => ({
  lastAnswer: `health not taken: ${reason}`,
  isTaken: false,
})

/**
 * What an endpoint's answer means for the alerts that were sent: the words that every wire format
 * answers in. Two rules guard against loss. An answer that may be about the configuration (a wrong
 * path, a missing right) never costs an alert. And nothing is taken unless the endpoint said so.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { RejectedDocument, StoredAlert } from '../../storage/alert.ts'

/** An HTTP answer, as far as it came. */
export interface Answer {
  readonly status: number
  readonly retryAfter?: string
  /** `undefined` where it broke off, or was larger than any answer should be. */
  readonly body?: string
}

export type Verdict =
  /** Each alert has its own answer; those in neither list are sent again. */
  | {
      readonly kind: 'answered'
      readonly taken: readonly StoredAlert[]
      readonly rejected: readonly RejectedDocument[]
      /** Refused for a reason that need not lie in the alert: believed when others were taken. */
      readonly suspected: readonly RejectedDocument[]
      /** Why the first of those in no list is to be sent again. */
      readonly againBecause?: string
    }
  /** The request as a whole was refused, and a smaller one may not be. */
  | { readonly kind: 'too-large' | 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfter?: string }

/** How alerts are put on the wire for one kind of endpoint, and how its answers read. Pure. */
export interface WireFormat {
  readonly contentType: string
  /** Relative to the endpoint's URL; empty for the URL itself. */
  readonly path: string
  encode(alerts: readonly StoredAlert[]): string
  /** @param answer one with a 2xx status */
  read(answer: Answer, alerts: readonly StoredAlert[]): Verdict
}

export const refusal = (
  { id, revision, document }: StoredAlert,
  reason: string,
): RejectedDocument => ({ id, revision, reason, document })

/** The verdict on a request as a whole; `undefined` for a 2xx, which its wire format reads. */
export function verdictOnStatus(answer: Answer): Verdict | undefined {
  const { status, retryAfter } = answer
  if (status >= 200 && status < 300) return undefined
  const reason = `HTTP ${status}${answer.body ? `: ${forPeople(answer.body)}` : ''}`
  if (status === 413) return { kind: 'too-large', reason }
  // 422 is how receivers with a schema of their own say 400.
  if (status === 400 || status === 422) return { kind: 'refused', reason }
  return { kind: 'unavailable', reason, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

/** A remote text as one short line without control characters: it is shown on terminals. */
export function forPeople(text: string): string {
  const line = text
    .slice(0, 1_000)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

/** A document on one line of its own. Within a JSON string there is no line break to lose. */
export const onOneLine = (document: string): string => document.replaceAll(/[\r\n]+/g, ' ')

/** Longer than this no endpoint is believed: an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000

/** A `Retry-After` header, in seconds or as a date; 0 where it says nothing. */
export function retryAfterMs(header: string | undefined, nowMs: EpochMs): number {
  if (header === undefined) return 0
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

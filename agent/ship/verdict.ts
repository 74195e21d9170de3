/**
 * What an output's answer means for the documents that were sent: the words that every wire format
 * answers in. Two rules guard against loss. An answer that may be about the configuration (a wrong
 * path, a missing right) never costs an alert. And nothing is taken unless the output said so.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { RejectedDocument, StoredAlert } from '../../storage/alert.ts'

/** A document on its way: a revision of an alert, or a report of the agent's health. */
export type Parcel = Pick<StoredAlert, 'id' | 'revision' | 'document'>

/** What a document is about decides where an endpoint files it. */
export type Stream = 'alert' | 'health'

/** An HTTP answer, as far as it came. */
export interface Answer {
  readonly status: number
  readonly retryAfter?: string
  /** `undefined` where it broke off, or was larger than any answer should be. */
  readonly body?: string
}

export type Verdict =
  /** Each document has its own answer; those in no list are sent again. */
  | {
      readonly kind: 'answered'
      readonly taken: readonly Parcel[]
      readonly rejected: readonly RejectedDocument[]
      /** Refused for a reason that need not lie in the document: believed when others were taken. */
      readonly suspected: readonly RejectedDocument[]
      /** Why the first of those in no list is to be sent again. */
      readonly againBecause?: string
    }
  /** The request as a whole was refused, and a smaller one may not be. */
  | { readonly kind: 'too-large' | 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfter?: string }

/** How documents are put on the wire for one kind of endpoint, and how its answers read. Pure. */
export interface WireFormat {
  readonly contentType: string
  /** Relative to the endpoint's URL; empty for the URL itself. */
  readonly path: string
  encode(parcels: readonly Parcel[]): string
  /** @param answer one with a 2xx status */
  read(answer: Answer, parcels: readonly Parcel[]): Verdict
}

/** Where the documents of one output go. */
export interface Target {
  /** For people: a URL without credentials, or a path. */
  place(): string
  /** Never rejects for what the outside does: that is a verdict. */
  send(stream: Stream, parcels: readonly Parcel[], signal?: AbortSignal): Promise<Verdict>
  close(): Promise<void>
}

export const refusal = ({ id, revision, document }: Parcel, reason: string): RejectedDocument => ({
  id,
  revision,
  reason,
  document,
})

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

/** Documents as NDJSON: one a line, the last one with its end too. */
export const lines = (parcels: readonly Parcel[]): string =>
  parcels.map(({ document }) => `${onOneLine(document)}\n`).join('')

/** Longer than this no endpoint is believed: an hour. */
const MAX_RETRY_AFTER_MS = 3_600_000

/** A `Retry-After` header, in seconds or as a date; 0 where it says nothing. */
export function retryAfterMs(header: string | undefined, nowMs: EpochMs): number {
  if (header === undefined) return 0
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

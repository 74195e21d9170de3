/**
 * The `_bulk` request of Elasticsearch and OpenSearch: one `create` a document into a data stream,
 * which takes no other operation. What was created before answers 409, so sending again is safe.
 *
 * A document can't be changed there, so each revision that is to be sent is one of its own: `_id` is
 * the alert's id for the first, `<id>.<revision>` for later ones, and `event.id` stays the same in
 * all. An `_id` is unique within a backing index: only a resend across a rollover could double it.
 */
import type { RejectedDocument } from '../../storage/alert.ts'
import {
  type Answer,
  forPeople,
  onOneLine,
  type Parcel,
  refusal,
  type Verdict,
  type WireFormat,
} from './verdict.ts'

/** What is read of an answer; the rest need not be sent. */
const FILTER =
  'items.create._id,items.create.status,items.create.error.type,items.create.error.reason'

/** Errors that lie in the document itself. Others (a closed index, no shards left) may pass. */
const DOCUMENT_FAULTS = new Set([
  'document_parsing_exception',
  'mapper_parsing_exception',
  'strict_dynamic_mapping_exception',
  'illegal_argument_exception',
])

export const documentId = ({ id, revision }: Pick<Parcel, 'id' | 'revision'>): string =>
  revision <= 1 ? id : `${id}.${revision}`

/** @param dataStream e.g. `logs-tidewatch.alert-default` */
export const bulkFormat = (dataStream: string): WireFormat => ({
  contentType: 'application/x-ndjson',
  path: `${encodeURIComponent(dataStream)}/_bulk?filter_path=${FILTER}`,
  encode: (parcels) =>
    parcels
      .map((parcel) => {
        const action = JSON.stringify({ create: { _id: documentId(parcel) } })
        return `${action}\n${onOneLine(parcel.document)}\n`
      })
      .join(''),
  read: readBulk,
})

interface BulkItem {
  readonly id: unknown
  readonly status: unknown
  readonly type: string
  readonly reason: string
}

function readBulk(answer: Answer, parcels: readonly Parcel[]): Verdict {
  const items = itemsOf(answer.body ?? '')
  if (items === undefined) {
    return { kind: 'unavailable', reason: `HTTP ${answer.status}, and no answer of _bulk` }
  }
  const taken: Parcel[] = []
  const rejected: RejectedDocument[] = []
  const suspected: RejectedDocument[] = []
  let againBecause: string | undefined
  parcels.forEach((parcel, i) => {
    const item = items[i]
    // Items come in the order of the request; one that names another document is no answer.
    const status = item?.id === documentId(parcel) ? item.status : undefined
    if (status === 201 || status === 200 || status === 409) {
      taken.push(parcel)
      return
    }
    const reason = item === undefined ? 'no answer' : forPeople(`${item.type}: ${item.reason}`)
    if (status !== 400) againBecause ??= `${String(status)} ${reason}`
    else if (DOCUMENT_FAULTS.has(item?.type ?? '')) rejected.push(refusal(parcel, reason))
    else suspected.push(refusal(parcel, reason))
  })
  const verdict = { kind: 'answered', taken, rejected, suspected } as const
  return againBecause === undefined ? verdict : { ...verdict, againBecause }
}

/** The items of a `_bulk` answer; `undefined` where it is none. */
function itemsOf(body: string): readonly BulkItem[] | undefined {
  const items = field(parse(body), 'items')
  if (!Array.isArray(items)) return undefined
  return items.map((item: unknown) => {
    const result = field(item, 'create')
    const error = field(result, 'error')
    return {
      id: field(result, '_id'),
      status: field(result, 'status'),
      type: String(field(error, 'type') ?? 'unknown'),
      reason: String(field(error, 'reason') ?? 'no reason given'),
    }
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

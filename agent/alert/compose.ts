/**
 * Composes the alert: one ECS 9 document, one line, at most 2,000 bytes. Pure.
 *
 * The parts stand in the order of need. Where all of them fit, all are there; where not, the most
 * needed go in first, each that still fits, and `tidewatch.truncated` says that others did not.
 * @see https://www.elastic.co/docs/reference/ecs
 */
import type { EpochMs } from '../../platform/event.ts'
import type { AlertFinding, Episode } from './alert-input.ts'
import { alertParts, type Fields } from './parts.ts'

/** The field set that the document follows. */
export const ECS_VERSION = '9.0.0'
/** Bytes of UTF-8: below 2 KB however one counts, with room for the line around it. */
export const MAX_DOCUMENT_BYTES = 2_000

export interface ComposeInput extends AlertFinding {
  /** `event.id` and `_id`. */
  readonly id: string
  readonly createdMs: EpochMs
  /** When this revision was made. */
  readonly nowMs: EpochMs
  readonly episode: Episode
}

/** @returns JSON without line breaks; the first part (`alertParts`) is always in it, whole */
export function composeAlert(input: ComposeInput): string {
  const parts = alertParts(input, ECS_VERSION)
  const whole = JSON.stringify(parts.reduce(merge, {}))
  if (Buffer.byteLength(whole) <= MAX_DOCUMENT_BYTES) return whole
  const truncated: Fields = { tidewatch: { truncated: true } }
  let fields: Fields = truncated
  let document = JSON.stringify(fields)
  for (const part of parts) {
    const more = merge(fields, part)
    const text = JSON.stringify(more)
    if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) continue
    fields = more
    document = text
  }
  return document
}

/** Objects are joined field by field, anything else is replaced; what is absent or empty is left out. */
function merge(left: Fields, right: Fields): Fields {
  const merged: Record<string, unknown> = { ...left }
  for (const [name, value] of Object.entries(right)) {
    if (!isFields(value)) {
      if (value !== undefined) merged[name] = value
      continue
    }
    const known = merged[name]
    const joined = merge(isFields(known) ? known : {}, value)
    if (Object.keys(joined).length > 0) merged[name] = joined
  }
  return merged
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

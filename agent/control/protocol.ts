/**
 * What goes over the control socket: one line of JSON asks, one line answers, and the connection is
 * over. Pure. Both ends bound what they read; the server believes nothing.
 */
import { malformed, type Parsed, parsed } from '../../platform/parsed.ts'
import type { StoredAlert } from '../../storage/alert.ts'
import type { AgentStatus, FindingSummary } from './status.ts'

/** A request is some 60 bytes. */
export const MAX_REQUEST_BYTES = 4 * 1024
/** A thousand alerts of 2 KiB, and room. */
export const MAX_RESPONSE_BYTES = 4 * 1024 * 1024
/** Most findings or alerts that may be asked for. */
export const MAX_LIMIT = 1_000

export type ControlRequest =
  | { readonly request: 'status' }
  | { readonly request: 'findings'; readonly limit: number }
  | { readonly request: 'alerts'; readonly limit: number }

/** What each request is answered with. */
export interface ControlAnswers {
  readonly status: AgentStatus
  readonly findings: readonly FindingSummary[]
  readonly alerts: readonly StoredAlert[]
}

/** Reads one request line. Anything but the exact form of a request is malformed. */
export function parseRequest(line: string): Parsed<ControlRequest> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return malformed('no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed('no request')
  }
  const { request, limit, ...rest } = value as Record<string, unknown>
  if (Object.keys(rest).length > 0) return malformed('unknown fields')
  switch (request) {
    case 'status':
      return limit === undefined ? parsed({ request }) : malformed('status takes no limit')
    case 'findings':
    case 'alerts':
      return isLimit(limit)
        ? parsed({ request, limit })
        : malformed(`limit must be a whole number from 1 to ${MAX_LIMIT}`)
    default:
      return malformed('unknown request')
  }
}

const isLimit = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_LIMIT

/** The line that answers; one that would be too long says so instead. */
export function responseLine(answer: Parsed<unknown>): string {
  const line = `${JSON.stringify(answer)}\n`
  if (Buffer.byteLength(line) <= MAX_RESPONSE_BYTES) return line
  return `${JSON.stringify(malformed('the answer is too long: ask with a smaller limit'))}\n`
}

/** Reads the line that answered. */
export function parseResponse(line: string): Parsed<unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && 'ok' in value) {
      if (value.ok === true && 'value' in value) return parsed(value.value)
      if (value.ok === false && 'reason' in value) return malformed(String(value.reason))
    }
  } catch {
    // Told below, as any other stranger's answer.
  }
  return malformed('the answer is none of ours')
}

/**
 * Words and bounds for the alert document. Pure and total: what a host says may be of any length
 * and hold any character, and must not break a line, a date or a terminal.
 */
import type { EpochMs } from '../../platform/event.ts'

const MAX_DATE_MS = 8.64e15

/** ISO 8601 in UTC; an instant beyond the calendar is the nearest that it has. */
export function isoTime(atMs: EpochMs): string {
  const finite = Number.isFinite(atMs) ? atMs : 0
  return new Date(Math.max(-MAX_DATE_MS, Math.min(MAX_DATE_MS, finite))).toISOString()
}

/** Bytes that a string takes inside JSON, without its quotes. */
const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2

/**
 * At most `maxBytes` of JSON; what was cut ends in `…`. Half a surrogate pair becomes U+FFFD, which
 * every receiver takes.
 */
export function clip(text: string, maxBytes: number): string {
  // No character takes less than a byte, so that a megabyte costs no more than a line.
  const start = text.slice(0, maxBytes + 1).toWellFormed()
  if (start.length === text.length && jsonBytes(start) <= maxBytes) return start
  let kept = ''
  let left = maxBytes - 3
  for (const character of start) {
    left -= jsonBytes(character)
    if (left < 0) break
    kept += character
  }
  return maxBytes < 3 ? '' : `${kept}…`
}

/** For a sentence: control and format characters, which could command a terminal, become U+FFFD. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** `64 KB`, by 1,024. */
export function bytesText(bytes: number): string {
  let [value, unit] = [Number.isFinite(bytes) ? Math.max(0, bytes) : 0, 0]
  while (value >= 1_023.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_024
    unit++
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${BYTE_UNITS[unit]}`
}

/**
 * A place in the stream of audit events: time and serial, as a bookmark `<epochMs>:<serial>`. Pure.
 * Time first: serials begin anew at each boot.
 */
import type { EpochMs } from '../event.ts'

export interface AuditStamp {
  readonly atMs: EpochMs
  readonly serial: number
}

export const stampText = ({ atMs, serial }: AuditStamp): string => `${atMs}:${serial}`

/** @returns `undefined` for a text that is no bookmark of ours */
export function parseStamp(text: string | undefined): AuditStamp | undefined {
  const match = /^(\d{1,15}):(\d{1,10})$/.exec(text ?? '')
  return match ? { atMs: Number(match[1]), serial: Number(match[2]) } : undefined
}

/** Is `stamp` later than `place`? */
export const isBehind = (place: AuditStamp, stamp: AuditStamp): boolean =>
  stamp.atMs > place.atMs || (stamp.atMs === place.atMs && stamp.serial > place.serial)

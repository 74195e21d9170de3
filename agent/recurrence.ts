/**
 * Remembers which of very many names came in two different minutes, in memory that does not grow: what
 * a flood makes up comes once, and what recurs is known by its second sight. By hash alone: one
 * name in some 16,000 is taken for another, and what is remembered of one that came once is overwritten
 * by others after some 260,000. One that is known keeps its place for a day after it was last seen.
 */
import type { EpochMs } from '../platform/event.ts'

/** Places; 4 bytes each are 1 MiB. A power of two. */
const PLACES = 1 << 18
/** Of a place: the minute when it was last seen, whether it is known, and which of its names it is. */
const MINUTE_BITS = 16
const MINUTES = (1 << MINUTE_BITS) - 1
const KNOWN = 1 << MINUTE_BITS
const TAG_SHIFT = MINUTE_BITS + 1
/** Minutes that one that is known keeps its place. */
const KEPT_MINUTES = 24 * 60

export interface Recurrence {
  /**
   * Notes that it came.
   * @param hash of its name, by `hashOf`
   * @returns whether it had come in another minute before
   */
  see(hash: number, atMs: EpochMs): boolean
}

export function recurrence(): Recurrence {
  const places = new Uint32Array(PLACES)
  return {
    see(hash, atMs) {
      const at = hash & (PLACES - 1)
      const place = places[at] as number
      // The bits that chose no place; never 0, which is an empty one.
      const tag = ((hash >>> 18) << 1) | 1
      const minute = Math.floor(atMs / 60_000) & MINUTES
      const isKnown = (place & KNOWN) !== 0
      if (place >>> TAG_SHIFT === tag) {
        const recurs = isKnown || (place & MINUTES) !== minute
        places[at] = ((tag << TAG_SHIFT) | (recurs ? KNOWN : 0) | minute) >>> 0
        return recurs
      }
      const isKept = isKnown && ((minute - (place & MINUTES)) & MINUTES) < KEPT_MINUTES
      if (!isKept) places[at] = ((tag << TAG_SHIFT) | minute) >>> 0
      return false
    },
  }
}

/** FNV-1a over code units, mixed at the end. @param seed a hash of what stands before it */
export function hashOf(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

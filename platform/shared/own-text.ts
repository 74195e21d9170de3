/**
 * Text that keeps alive nothing but itself.
 *
 * V8 makes a slice of 13 characters or more a view of the string that it was cut from: a path kept from
 * one line keeps the whole chunk that was read, some 100 KB. Whatever is cut out of a chunk and may
 * be kept for long goes through here.
 */

/** Shorter slices are copies (`SlicedString::kMinLength` in V8's `src/objects/string.h`). */
const MIN_SLICE = 13
/** Paths of programs and folders, which are few and come again and again. */
const MAX_POOLED = 4_096

/** A copy. Adding a character makes a new string, and the slice is then a view of that one. */
export const ownText = (text: string): string =>
  text.length < MIN_SLICE ? text : ` ${text}`.slice(1)

/** One copy of each text, for texts that come again and again. */
export function textPool(max = MAX_POOLED): (text: string) => string {
  const pool = new Map<string, string>()
  return (text) => {
    if (text.length < MIN_SLICE) return text
    const known = pool.get(text)
    if (known !== undefined) return known
    if (pool.size >= max) pool.clear()
    const own = ownText(text)
    pool.set(own, own)
    return own
  }
}

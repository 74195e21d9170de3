/**
 * Checks regular expressions of the configuration before they meet text that an attacker writes. Pure.
 *
 * JavaScript's engine backtracks: `(a+)+$` takes time that doubles with each character. Refused are a
 * repeat of something that itself repeats without end, back references, and anything long. What is
 * left can still be slow by a power of the text's length, which for a path is bounded.
 */

/** Characters; a longer expression is better written as several. */
export const MAX_PATTERN_LENGTH = 256

/** Why the expression cannot be used, as a phrase after its name; `undefined` where it can. */
export function patternProblem(source: string): string | undefined {
  if (source.length > MAX_PATTERN_LENGTH) return `is longer than ${MAX_PATTERN_LENGTH} characters`
  try {
    new RegExp(source, 'u')
  } catch (error) {
    const why = error instanceof Error ? error.message.split(': ').at(-1) : String(error)
    return `is no regular expression: ${why}`
  }
  if (/(?<!\\)(?:\\\\)*\\[1-9k]/.test(source))
    return 'has a back reference, which can take very long'
  return repeatsARepeat(source)
    ? 'repeats a group that itself repeats, which can take very long'
    : undefined
}

/** Whether a group that holds an unbounded repeat, or alternatives, is itself repeated unbounded. */
function repeatsARepeat(source: string): boolean {
  // One entry for each open group: whether what it holds so far may match one text in many ways.
  const isAmbiguous: boolean[] = [false]
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character === '\\') at++
    else if (character === '[') at = endOfClass(source, at)
    else if (character === '(') isAmbiguous.push(false)
    else if (character === '|') isAmbiguous[isAmbiguous.length - 1] ||= isAmbiguous.length > 1
    else if (character === ')') {
      const inner = isAmbiguous.pop() ?? false
      const isRepeated = isUnbounded(source, at + 1)
      if (inner && isRepeated) return true
      isAmbiguous[isAmbiguous.length - 1] ||= inner || isRepeated
    } else if (isUnbounded(source, at)) {
      isAmbiguous[isAmbiguous.length - 1] = true
    }
  }
  return false
}

/** Whether a quantifier without a small upper end stands at `at`. */
function isUnbounded(source: string, at: number): boolean {
  return /^(?:[*+]|\{\d+,\d*\})/.test(source.slice(at, at + 12))
}

function endOfClass(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === ']') return at
  }
  return source.length
}

/**
 * Text from a recording, made safe to show. Pure. A field may carry escape sequences that drive a
 * terminal, or marks that turn the direction of what follows: both are shown, not obeyed.
 */

/** C0 (with tab and line ends), DEL, C1, and the marks that turn or hide text (Unicode TR 9, TR 36). */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** The same text with `\x1b` in place of an escape. */
export const printable = (text: string): string => text.replace(UNSAFE, escaped)

/** JSON text with the same characters as JSON escapes: the same document, safe on a terminal. */
export const printableJson = (json: string): string =>
  json.replace(UNSAFE, (char) => `\\u${hex(char).padStart(4, '0')}`)

/** At most `width` characters; what is cut off shows as `…`. */
export const fit = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`

function escaped(char: string): string {
  const code = hex(char)
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
}

const hex = (char: string): string => char.charCodeAt(0).toString(16)

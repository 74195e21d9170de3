/**
 * JSON that may be looked at: what a terminal would obey is spelled out as escapes of JSON's own, so
 * that the value is the same and nothing but text reaches the screen. JSON itself escapes only what
 * is below U+0020.
 */

/** Controls of C1, marks of direction and format, line and paragraph ends; line feeds only lay out. */
const UNSAFE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu

/** @param json one or several JSON texts; the same values come out of it */
export const safeJson = (json: string): string =>
  json.replace(UNSAFE, (unsafe) =>
    Array.from({ length: unsafe.length }, (_, i) => unsafe.charCodeAt(i))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  )

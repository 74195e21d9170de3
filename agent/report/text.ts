/**
 * Text on its way to a terminal. Names and arguments come from processes that an attacker may have
 * named: control characters, escapes and direction marks are shown, never obeyed. Pure.
 */
import { styleText } from 'node:util'

/** Controls, format marks (bidirectional ones too), lone surrogates, line and paragraph ends. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

const ZERO_WIDTH = /[\p{Mn}\p{Me}]/u
/** What East Asian terminals give two columns: Hangul, CJK, fullwidth forms, emoji. */
const DOUBLE_WIDTH =
  /\p{Emoji_Presentation}|[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{a960}-\u{a97f}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{20000}-\u{3fffd}]/u

/** The text with every character that a terminal would obey spelled out: `\n`, `\x1b`, `\u{202e}`. */
export const clean = (text: string): string => text.replace(UNSAFE, spelled)

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`)
}

/** Columns of a terminal that clean text takes. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += widthOf(character)
  return width
}

function widthOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1
  if (ZERO_WIDTH.test(character)) return 0
  return DOUBLE_WIDTH.test(character) ? 2 : 1
}

/** The text in at most `width` columns; what does not fit is an ellipsis. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  return width < 1 ? '' : `${head(text, width - 1)}…`
}

/** As `truncate`, but keeps both ends: of a path, the last part tells most. */
export function truncateMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 3) return truncate(text, width)
  const tailWidth = Math.ceil((width - 1) / 2)
  const tail = head([...text].toReversed().join(''), tailWidth)
  return `${head(text, width - 1 - displayWidth(tail))}…${[...tail].toReversed().join('')}`
}

function head(text: string, width: number): string {
  let taken = ''
  let left = width
  for (const character of text) {
    left -= widthOf(character)
    if (left < 0) break
    taken += character
  }
  return taken
}

export type Style = Parameters<typeof styleText>[0]

/** Puts color on text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string

export const plain: Paint = (_style, text) => text

/** The caller decides whether it writes to a terminal that wants color. */
export const painted: Paint = (style, text) => styleText(style, text, { validateStream: false })

/** `950 ms`, `42 s`, `15 min`, `3 h 20 min`, `12 d 4 h`: the two largest units. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.floor(ms / 1_000)
  const parts: (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/** `512 B`, `1.5 KiB`, `23 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let amount = bytes
  let unit = 0
  while (amount >= 1_023.5 && unit < units.length - 1) {
    amount /= 1024
    unit++
  }
  const digits = unit === 0 || amount >= 9.95 ? 0 : 1
  return `${amount.toFixed(digits)} ${units[unit]}`
}

/** Cuts a text between words into lines of at most `width` columns, all but the first indented. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line)
      line = `  ${word}`
    } else line = longer
  }
  return [...lines, line]
}

/** `1,234,567` */
export const countText = (count: number): string =>
  Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `2026-11-24 18:30:05Z`; a time that no calendar has is told as such. */
export function timeText(atMs: number): string {
  if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return 'unknown time'
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** `3 min ago`, `in 20 s`, `now`: the largest unit, which is all that a glance takes in. */
export function agoText(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs
  if (!(Math.abs(ms) >= 1_000)) return 'now'
  const distance = durationText(Math.abs(ms)).split(' ').slice(0, 2).join(' ')
  return ms > 0 ? `${distance} ago` : `in ${distance}`
}

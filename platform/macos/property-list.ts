/**
 * Turns the bytes of a property list, XML or binary, into a value. Pure and total.
 *
 * Files of the field have white space or a comment before `<?xml`, which XML forbids: what stands before
 * the declaration is dropped. A file that was cut says so, rather than what a parser makes of it.
 */
import { parseBuffer } from 'bplist-parser'
import { parse } from 'plist'
import { messageOf } from '../errors.ts'
import { malformed, type Parsed, parsed } from '../parsed.ts'

/** The largest job definitions are some ten kilobytes; what is larger is no definition. */
const MAX_BYTES = 1 << 20
const BINARY = 'bplist00'
/** Byte order mark, white space and comments, then the declaration. */
const BEFORE_ROOT = /^\uFEFF?(?:\s|<!--[\s\S]*?-->)*(?:<\?xml[^>]*\?>)?/

export function parsePropertyList(bytes: Uint8Array): Parsed<unknown> {
  if (bytes.length === 0) return malformed('empty file')
  if (bytes.length > MAX_BYTES) return malformed(`larger than ${MAX_BYTES} bytes`)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isBinary = buffer.toString('latin1', 0, BINARY.length) === BINARY
  try {
    return parsed(isBinary ? parseBuffer<unknown>(buffer)[0] : parseXml(textOf(buffer)))
  } catch (error) {
    const kind = isBinary ? 'binary' : 'XML'
    return malformed(`damaged ${kind} property list: ${firstLine(messageOf(error))}`)
  }
}

/** @throws {Error} where it is no property list */
function parseXml(text: string): unknown {
  const root = text.replace(BEFORE_ROOT, '').trim()
  if (!root.startsWith('<')) throw new Error('not XML')
  // Looked for here, since the parser would print its own complaint.
  if (!/<\/plist>(?:\s|<!--[\s\S]*?-->)*$/.test(root)) throw new Error('cut off: no </plist>')
  return parse(root)
}

function textOf(buffer: Buffer): string {
  const isUtf16 = buffer[0] === 0xff && buffer[1] === 0xfe
  return buffer.toString(isUtf16 ? 'utf16le' : 'utf8')
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.trim() ?? ''

/**
 * Turns the bytes of a property list, XML or binary, into a value. Pure and total.
 *
 * Files of the field have white space or a comment before `<?xml`, which XML forbids: what stands before
 * the root is passed over. A file that was cut says so.
 * https://www.apple.com/DTDs/PropertyList-1.0.dtd
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'
import { parseXml, type XmlElement } from '../shared/xml.ts'
import { BINARY_PLIST, parseBinaryPlist } from './binary-plist.ts'

/** The largest job definitions are some ten kilobytes; what is larger is no definition. */
const MAX_BYTES = 1 << 20
/** What may stand before the root, a piece at a time. A document type only names Apple's. */
const PROLOG = /\uFEFF|\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE\s[^<>[\]]*>/y

export function parsePropertyList(bytes: Uint8Array): Parsed<unknown> {
  if (bytes.length === 0) return malformed('empty file')
  if (bytes.length > MAX_BYTES) return malformed(`larger than ${MAX_BYTES} bytes`)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isBinary = buffer.toString('latin1', 0, BINARY_PLIST.length) === BINARY_PLIST
  const list = isBinary ? parseBinaryPlist(buffer) : parseXmlList(textOf(buffer))
  if (list.ok) return list
  return malformed(`damaged ${isBinary ? 'binary' : 'XML'} property list: ${list.reason}`)
}

function parseXmlList(text: string): Parsed<unknown> {
  const root = rootAt(text)
  if (text[root] !== '<') return malformed('not XML')
  const document = parseXml(text.slice(root))
  if (!document.ok) return text.includes('</plist>') ? document : malformed('cut off: no </plist>')
  const { name, children } = document.value
  if (name !== 'plist') return malformed(`<${name}> is no property list`)
  const [top] = children
  return top === undefined ? parsed(undefined) : valueIn(top)
}

function rootAt(text: string): number {
  PROLOG.lastIndex = 0
  for (let at = 0; ; at = PROLOG.lastIndex) if (!PROLOG.test(text)) return at
}

function valueIn(element: XmlElement): Parsed<unknown> {
  const { name, text, children } = element
  switch (name) {
    case 'dict':
      return dictOf(children)
    case 'array':
      return all(children)
    case 'string':
      return parsed(text)
    case 'integer':
    case 'real':
      return Number.isNaN(Number.parseFloat(text)) ? malformed('no number') : parsed(Number(text))
    case 'true':
    case 'false':
      return parsed(name === 'true')
    case 'date':
      return parsed(new Date(text))
    case 'data':
      return parsed(Buffer.from(text, 'base64'))
    default:
      return malformed(`<${name}> is no value`)
  }
}

/** Keys and values take turns. */
function dictOf(children: readonly XmlElement[]): Parsed<unknown> {
  const keys = children.filter((_, i) => i % 2 === 0)
  const values = all(children.filter((_, i) => i % 2 === 1))
  if (!values.ok) return values
  if (keys.some(({ name }) => name !== 'key') || keys.length !== values.value.length) {
    return malformed('a dictionary whose keys and values do not pair')
  }
  // fromEntries: a key named __proto__ is a key like any other.
  return parsed(Object.fromEntries(keys.map(({ text }, i) => [text, values.value[i]])))
}

function all(elements: readonly XmlElement[]): Parsed<readonly unknown[]> {
  const values: unknown[] = []
  for (const element of elements) {
    const value = valueIn(element)
    if (!value.ok) return value
    values.push(value.value)
  }
  return parsed(values)
}

function textOf(buffer: Buffer): string {
  const isUtf16 = buffer[0] === 0xff && buffer[1] === 0xfe
  return buffer.toString(isUtf16 ? 'utf16le' : 'utf8')
}

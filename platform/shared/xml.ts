/**
 * Reads the small XML documents of operating systems: Windows' tasks and events, Apple's property
 * lists. Pure and total.
 *
 * Our own, since what they need is little: elements, attributes, text, five entities; and since anyone
 * may write some of them, who then must not make the agent print, expand or loop. No DTD is read.
 * Prefixes of namespaces are dropped: these documents have one vocabulary each. What is not
 * well-formed is refused, never repaired; only what is cut off at its end may be asked for, since
 * Windows itself cuts a long task short in its events.
 */
import { malformed, type Parsed, parsed } from '../parsed.ts'

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** Its own text, without that of its children, and without white space around it. */
  readonly text: string
  /** Where it stands in the document. */
  readonly from: number
  readonly to: number
}

interface OpenElement {
  name: string
  tag: string
  attributes: Map<string, string>
  children: XmlElement[]
  text: string
  from: number
  to: number
}

const MAX_DEPTH = 64
const MAX_CHARS = 1 << 20

/** One piece of markup; the text before it is what lies between two of them. */
const MARKUP =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?=]+)((?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/**
 * @param text what stands before the first `<` is passed over: a byte order mark, white space
 * @param mayBeCut where the text ends too early, all that is open ends there
 */
export function parseXml(text: string, mayBeCut = false): Parsed<XmlElement> {
  if (text.length > MAX_CHARS) return malformed('XML beyond 1 MiB')
  const open: OpenElement[] = []
  let root: XmlElement | undefined

  function close(to: number): void {
    const done = ended(open.pop() as OpenElement, to)
    const parent = open.at(-1)
    if (parent === undefined) root = done
    else parent.children.push(done)
  }

  for (let at = text.indexOf('<'); at >= 0 && at < text.length; ) {
    MARKUP.lastIndex = at
    const match = MARKUP.exec(text)
    if (match === null) {
      if (mayBeCut && !text.includes('>', at)) break
      return malformed(`no XML at character ${at}`)
    }
    const [all, cdata, closed, opened, attributes = '', slash] = match
    const end = at + all.length
    const top = open.at(-1)
    if (cdata !== undefined && top !== undefined) top.text += cdata
    else if (opened !== undefined) {
      if (root !== undefined) return malformed('more than one element at the top')
      if (open.length >= MAX_DEPTH) return malformed('nested too deep')
      open.push(begun(opened, attributes, at))
    }
    if (closed !== undefined && top?.tag !== closed) return malformed(`</${closed}> closes nothing`)
    if (closed !== undefined || slash === '/') close(end)
    const next = text.indexOf('<', end)
    const inside = open.at(-1)
    if (inside !== undefined)
      inside.text += unescapeXml(text.slice(end, next < 0 ? undefined : next))
    at = next
  }
  while (mayBeCut && open.length > 0) close(text.length)
  return root === undefined ? malformed('XML without an end') : parsed(root)
}

function begun(tag: string, attributes: string, from: number): OpenElement {
  const told = [...attributes.matchAll(ATTRIBUTE)].map(
    ([, name = '', double, single]) => [name, unescapeXml(double ?? single ?? '')] as const,
  )
  const name = tag.slice(tag.indexOf(':') + 1)
  return { name, tag, attributes: new Map(told), children: [], text: '', from, to: from }
}

const ended = (
  { name, attributes, children, text, from }: OpenElement,
  to: number,
): XmlElement => ({
  name,
  attributes,
  children,
  text: text.trim(),
  from,
  to,
})

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** An entity that is not known stays as it is written. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? all
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}

/** The first child of that name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name)

/** The text of the first child of that name; `undefined` where it has none. */
export const childText = (element: XmlElement | undefined, name: string): string | undefined =>
  childOf(element, name)?.text || undefined

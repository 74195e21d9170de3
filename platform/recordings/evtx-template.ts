/**
 * A fragment of binary XML, compiled: which text stands in which element, as literals and numbered
 * substitutions. A chunk of a log writes a template once and then only its values, so that one
 * compilation serves hundreds of records. Pure; what makes no sense throws a RangeError.
 *
 * Tokens: [MS-EVEN6] 2.2.12 and libfwevt's documentation.
 */

/** A literal, or the index of a value. */
export type Part = string | number

export interface Field {
  readonly name: string
  readonly parts: readonly Part[]
}

export interface Template {
  /** Of the element System, where the fragment has one. */
  readonly system: {
    readonly provider?: readonly Part[]
    readonly eventId?: readonly Part[]
    readonly created?: readonly Part[]
    readonly recordId?: readonly Part[]
    readonly channel?: readonly Part[]
    readonly computer?: readonly Part[]
  }
  /** All elements without children outside System: by their attribute Name, else by their own. */
  readonly fields: readonly Field[]
  /** The first field of a name. */
  readonly fieldNamed: ReadonlyMap<string, readonly Part[]>
}

interface Element {
  readonly name: string
  readonly path: string
  readonly attributes: Map<string, Part[]>
  readonly parts: Part[]
  hasChildren: boolean
}

/** No name of Windows comes near it; the length of a damaged one does. */
const MAX_NAME_CHARS = 512
const MAX_DEPTH = 64
/** Of tokens with attributes or more values to come. */
const MORE = 0x40
const OPEN = 0x01

/**
 * @param chunk all of it: names are told by their offset in the chunk
 * @param isTemplate elements begin with a dependency identifier there, and not in XML that is a
 *   value. Writers other than Windows' own leave it out elsewhere too, so that the first name settles
 *   it where it stands in place.
 */
export function compileTemplate(
  chunk: Buffer,
  start: number,
  end: number,
  isTemplate: boolean,
): Template {
  const elements: Element[] = []
  const open: Element[] = []
  let target: Part[] = []
  let at = start
  let hasDependency: boolean | undefined

  /** Reads the offset of a name; the name itself follows where it is used for the first time. */
  function name(): string {
    const offset = chunk.readUInt32LE(at)
    at += 4
    const chars = chunk.readUInt16LE(offset + 6)
    if (chars > MAX_NAME_CHARS) throw new RangeError('no name')
    if (offset === at) at += 10 + 2 * chars
    return chunk.toString('utf16le', offset + 8, offset + 8 + 2 * chars)
  }

  function text(): string {
    const bytes = 2 * chunk.readUInt16LE(at)
    at += 2 + bytes
    if (at > end) throw new RangeError('a text beyond the end')
    return chunk.toString('utf16le', at - bytes, at)
  }

  function openElement(hasAttributes: boolean): void {
    hasDependency ??=
      chunk.readUInt32LE(at + 4) !== at + 8 &&
      (isTemplate || chunk.readUInt32LE(at + 6) === at + 10)
    at += hasDependency ? 6 : 4
    const own = name()
    if (hasAttributes) at += 4
    const parent = open.at(-1)
    if (parent !== undefined) parent.hasChildren = true
    if (open.length >= MAX_DEPTH) throw new RangeError('nested too deep')
    const path = parent === undefined ? own : `${parent.path}/${own}`
    const element = { name: own, path, attributes: new Map(), parts: [], hasChildren: false }
    elements.push(element)
    open.push(element)
    target = element.parts
  }

  function attribute(): void {
    target = []
    open.at(-1)?.attributes.set(name(), target)
  }

  function close(): void {
    open.pop()
    target = open.at(-1)?.parts ?? []
  }

  while (at < end) {
    const token = chunk.readUInt8(at++)
    switch (token & ~MORE) {
      case 0x00:
        return finish(elements)
      case OPEN:
        openElement((token & MORE) !== 0)
        break
      case 0x02:
        target = open.at(-1)?.parts ?? []
        break
      case 0x03:
      case 0x04:
        close()
        // What follows the last element of a value is not part of it.
        if (open.length === 0 && ((chunk[at] ?? 0) & ~MORE) !== OPEN) return finish(elements)
        break
      case 0x05:
        // A literal is always a string: its type is not looked at.
        at++
        target.push(text())
        break
      case 0x06:
        attribute()
        break
      case 0x07:
        target.push(text())
        break
      case 0x08:
        target.push(String.fromCharCode(chunk.readUInt16LE(at)))
        at += 2
        break
      case 0x09:
        target.push(ENTITIES[name()] ?? '')
        break
      case 0x0a:
        name()
        break
      case 0x0b:
        text()
        break
      case 0x0d:
      case 0x0e:
        target.push(chunk.readUInt16LE(at))
        at += 3
        break
      case 0x0f:
        at += 3
        break
      default:
        throw new RangeError('an unknown token')
    }
  }
  return finish(elements)
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const SYSTEM = 'Event/System/'

function finish(elements: readonly Element[]): Template {
  const inSystem = new Map<string, Element>()
  const fields: Field[] = []
  for (const element of elements) {
    if (element.path.startsWith(SYSTEM)) inSystem.set(element.name, element)
    else if (!element.hasChildren && !CONTAINERS.has(element.path)) fields.push(fieldOf(element))
  }
  const own = (name: string): Part[] | undefined => inSystem.get(name)?.parts
  const system = {
    provider: inSystem.get('Provider')?.attributes.get('Name'),
    created: inSystem.get('TimeCreated')?.attributes.get('SystemTime'),
    eventId: own('EventID'),
    recordId: own('EventRecordID'),
    channel: own('Channel'),
    computer: own('Computer'),
  }
  const fieldNamed = new Map<string, readonly Part[]>()
  for (const { name, parts } of fields) if (!fieldNamed.has(name)) fieldNamed.set(name, parts)
  return {
    system: Object.fromEntries(Object.entries(system).filter(([, parts]) => parts !== undefined)),
    fields,
    fieldNamed,
  }
}

/** Elements that hold fields; without any they are no field of their own. */
const CONTAINERS = new Set([
  'Event',
  'Event/System',
  'Event/EventData',
  'Event/UserData',
  'EventData',
  'UserData',
])

function fieldOf({ name, attributes, parts }: Element): Field {
  const told = attributes.get('Name')
  return { name: told?.length === 1 && typeof told[0] === 'string' ? told[0] : name, parts }
}

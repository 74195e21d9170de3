/**
 * One record of an EVTX chunk as a `WindowsRecord`: its template's compilation and where its values
 * stand. Pure. Nothing but System is decoded until a field is asked for; a record is good only while
 * the chunk that it was cut from is.
 */
import type { WindowsRecord } from '../windows/windows-record.ts'
import { compileTemplate, type Part, type Template } from './evtx-template.ts'
import { arrayTexts, BINARY_XML, filetimeMs, isArray, valueMs, valueText } from './evtx-value.ts'

export interface EvtxRecord extends WindowsRecord {
  readonly recordId: number
  /** All fields in their order; a name may come more than once. */
  fields(): readonly (readonly [name: string, text: string])[]
}

/** A fragment with the values that stand in it. Value `i` is of `types[i]`, at `ats[i]`. */
interface Instance {
  readonly template: Template
  readonly types: readonly number[]
  readonly ats: readonly number[]
  readonly sizes: readonly number[]
}

/** What a record's XML begins at: magic, size, number, and when it was written. */
const HEADER_BYTES = 24
/** Values that are XML with values that are XML: Windows goes one deep. */
const MAX_NESTED = 16
/** Definitions never overlap, so that all of a chunk fit into it; those of a damaged one may not. */
const MAX_TEMPLATE_BYTES = 1 << 17

/** Reads the records of one chunk. @throws {RangeError} by `read`, where a record makes no sense */
export interface EvtxRecordReader {
  /** The record at `at`, whose last byte is before `end`. */
  read(at: number, end: number): EvtxRecord
}

export function evtxRecordReader(chunk: Buffer): EvtxRecordReader {
  const templates = new Map<number, Template>()
  let templateBytes = 0

  function templateAt(at: number): Template {
    const known = templates.get(at)
    if (known !== undefined) return known
    // Next definition's offset, GUID, size.
    const size = chunk.readUInt32LE(at + 20)
    templateBytes += size
    if (templateBytes > MAX_TEMPLATE_BYTES) throw new RangeError('templates beyond the chunk')
    const template = compileTemplate(chunk, at + 24, at + 24 + size, true)
    templates.set(at, template)
    return template
  }

  /** A fragment at `start`: an instance of a template, or elements that have their texts in place. */
  function instanceAt(start: number, end: number, isValue: boolean): Instance {
    let at = start
    if (chunk[at] === FRAGMENT) at += 4
    if (chunk[at] !== TEMPLATE_INSTANCE) {
      return { template: compileTemplate(chunk, at, end, !isValue), types: [], ats: [], sizes: [] }
    }
    const definition = chunk.readUInt32LE(at + 6)
    at += 10
    const template = templateAt(definition)
    // Its definition stands here where it is used for the first time.
    if (definition === at) at += 24 + chunk.readUInt32LE(at + 20)
    return { template, ...valuesAt(at, end) }
  }

  function valuesAt(start: number, end: number): Omit<Instance, 'template'> {
    const count = chunk.readUInt32LE(start)
    let at = start + 4 + 4 * count
    if (at > end) throw new RangeError('values beyond the record')
    const [types, ats, sizes]: [number[], number[], number[]] = [[], [], []]
    for (let i = 0, told = start + 4; i < count; i++, told += 4) {
      const size = chunk.readUInt16LE(told)
      types.push(chunk.readUInt8(told + 2))
      ats.push(at)
      sizes.push(size)
      at += size
    }
    if (at > end) throw new RangeError('values beyond the record')
    return { types, ats, sizes }
  }

  function textOf(parts: readonly Part[] | undefined, instance: Instance): string {
    if (parts === undefined) return ''
    if (parts.length === 1) return partText(parts[0] as Part, instance)
    return parts.map((part) => partText(part, instance)).join('')
  }

  /** One text, or where an array stands alone in an element, that of each member. */
  function textsOf(parts: readonly Part[], instance: Instance): string[] {
    const [part] = parts
    const type = typeof part === 'number' && parts.length === 1 ? instance.types[part] : undefined
    if (type === undefined || !isArray(type)) return [textOf(parts, instance)]
    const index = part as number
    return arrayTexts(chunk, type, instance.ats[index] ?? 0, instance.sizes[index] ?? 0)
  }

  function partText(part: Part, { types, ats, sizes }: Instance): string {
    if (typeof part === 'string') return part
    const at = ats[part]
    return at === undefined ? '' : valueText(chunk, types[part] ?? 0, at, sizes[part] ?? 0)
  }

  /** The values of an instance that are XML themselves, and theirs. */
  function nested(instance: Instance, found: Instance[], depth: number): Instance[] {
    instance.types.forEach((type, i) => {
      const [at = 0, size = 0] = [instance.ats[i], instance.sizes[i]]
      if (type !== BINARY_XML || size === 0) return
      if (depth > MAX_NESTED) throw new RangeError('nested too deep')
      const inner = instanceAt(at, at + size, true)
      found.push(inner)
      nested(inner, found, depth + 1)
    })
    return found
  }

  function createdMs(at: number, root: Instance): number {
    const [part] = root.template.system.created ?? []
    if (typeof part === 'number') {
      const ms = valueMs(chunk, root.types[part] ?? 0, root.ats[part] ?? 0, root.sizes[part] ?? 0)
      if (ms !== undefined) return ms
    }
    const ms = typeof part === 'string' ? Date.parse(part) : Number.NaN
    return Number.isNaN(ms) ? filetimeMs(chunk, at + 16) : ms
  }

  return {
    read(at, end) {
      const root = instanceAt(at + HEADER_BYTES, end, false)
      const { system } = root.template
      const eventId = Number.parseInt(textOf(system.eventId, root), 10)
      if (Number.isNaN(eventId)) throw new RangeError('no event id')
      const recordId = Number.parseInt(textOf(system.recordId, root), 10)
      let all: readonly Instance[] | undefined
      const instances = (): readonly Instance[] => {
        all ??= [root, ...nested(root, [], 0)]
        return all
      }
      return {
        // The record's header numbers anew what was exported from another log.
        recordId: Number.isNaN(recordId) ? Number(chunk.readBigUInt64LE(at + 8)) : recordId,
        eventId,
        channel: textOf(system.channel, root),
        provider: textOf(system.provider, root),
        computer: textOf(system.computer, root),
        createdMs: createdMs(at, root),
        field(name) {
          for (const instance of instances()) {
            const parts = instance.template.fieldNamed.get(name)
            if (parts !== undefined) return textOf(parts, instance)
          }
          return undefined
        },
        fields: () =>
          instances().flatMap((instance) =>
            instance.template.fields.flatMap(({ name, parts }) =>
              textsOf(parts, instance).map((text) => [name, text] as const),
            ),
          ),
      }
    },
  }
}

const FRAGMENT = 0x0f
const TEMPLATE_INSTANCE = 0x0c

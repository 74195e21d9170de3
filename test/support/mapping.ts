/**
 * What an Elasticsearch mapping takes, for the field types that our templates use: says of a document
 * which of its values the engine would refuse, and which fields it would not index.
 * @see https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types
 */
import { isIP } from 'node:net'

export interface Mapping {
  readonly dynamic?: boolean | 'strict'
  readonly properties: Readonly<Record<string, MappedField>>
}

export interface MappedField {
  readonly type?: string
  readonly properties?: Readonly<Record<string, MappedField>>
  readonly ignore_above?: number
  readonly value?: string
}

type Fields = Readonly<Record<string, MappedField>>

/** Why the engine would refuse the document: an empty list is a document that it takes. */
export const mappingProblems = (document: object, mapping?: Mapping): readonly string[] =>
  mapping === undefined ? [] : problems(document, mapping.properties, '')

/** Fields that no property of the mapping names: kept in the source, and not found by a search. */
export const unmappedFields = (document: object, { properties }: Mapping): readonly string[] =>
  leaves(document).flatMap(([name]) => (fieldOf(properties, name) === undefined ? [name] : []))

/** The field that a dotted name leads to; nested and dotted forms are the same. */
export function fieldOf(properties: Fields, name: string): MappedField | undefined {
  const direct = properties[name]
  if (direct !== undefined) return direct
  for (let at = name.indexOf('.'); at > 0; at = name.indexOf('.', at + 1)) {
    const inner = properties[name.slice(0, at)]?.properties
    const found = inner && fieldOf(inner, name.slice(at + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** Dotted names of all values in a document, lists entry by entry. */
function leaves(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap((entry) => leaves(entry, path))
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === '' ? name : `${path}.${name}`),
  )
}

function problems(document: object, properties: Fields, path: string): readonly string[] {
  return leaves(document, path).flatMap(([name, value]) => {
    const field = fieldOf(properties, name)
    if (field === undefined || value === null) return []
    if (field.type === undefined)
      return [
        `object mapping for [${name}] tried to parse field as object, but found a concrete value`,
      ]
    const takes = TYPES[field.type]
    if (takes === undefined)
      return [`No handler for type [${field.type}] declared on field [${name}]`]
    if (takes(value, field)) return []
    const preview = JSON.stringify(value)
    return [
      `failed to parse field [${name}] of type [${field.type}]. Preview of field's value: ${preview}`,
    ]
  })
}

const isWhole = (value: unknown, bound: number): boolean =>
  Number.isInteger(Number(value)) && value !== '' && Math.abs(Number(value)) <= bound
const isNumber = (value: unknown): boolean =>
  (typeof value === 'number' || typeof value === 'string') &&
  value !== '' &&
  Number.isFinite(Number(value))
const isScalar = (value: unknown): boolean => typeof value !== 'object'
/** `strict_date_optional_time||epoch_millis`, as far as documents write it. */
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

const TYPES: Readonly<Record<string, (value: unknown, field: MappedField) => boolean>> = {
  keyword: isScalar,
  constant_keyword: (value, field) => field.value === undefined || field.value === value,
  text: isScalar,
  match_only_text: isScalar,
  boolean: (value) => typeof value === 'boolean' || value === 'true' || value === 'false',
  long: (value) => isWhole(value, Number.MAX_SAFE_INTEGER),
  integer: (value) => isWhole(value, 2 ** 31 - 1),
  float: isNumber,
  double: isNumber,
  ip: (value) => typeof value === 'string' && isIP(value) !== 0,
  date: (value) =>
    typeof value === 'number' ||
    (typeof value === 'string' && DATE.test(value) && !Number.isNaN(Date.parse(value))),
}

/**
 * The list of all settings, taken from the schema: for `agent config show`, for the nearest known
 * key, and for the table in README.md. Pure.
 */
import * as z from 'zod'
import { schema } from './schema.ts'

export interface Setting {
  /** As a person writes it: `detect.minScore`. */
  readonly path: string
  /** `duration`, `list of paths`, … */
  readonly kind: string
  /** As it would be written; `undefined` where it is not set unless the file does. */
  readonly initial?: unknown
  readonly unit?: string
  readonly range?: string
  readonly reason: string
}

/** The parts of JSON Schema that a strict object or a setting here can have. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  /** Of a group whose keys the owner names; `false` where there are no others. */
  readonly additionalProperties?: Node | false
  readonly default?: unknown
  readonly description?: string
  readonly kind?: string
  readonly unit?: string
  readonly range?: string
}

/** JSON Schema (draft 2020-12) of the file, with our `kind`, `unit` and `range` beside its words. */
export const jsonSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(schema, { io: 'input' })

/** Every setting, in the order of the schema. Made once: it is asked for each configuration. */
export const settings = (): readonly Setting[] => {
  all ??= leaves(jsonSchema(), '')
  return all
}
let all: readonly Setting[] | undefined

/** The keys that may stand in the group at `path`; empty where there is no such group. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let node: Node | undefined = jsonSchema()
  for (const key of path) {
    node = node?.properties?.[String(key)] ?? (node?.additionalProperties || undefined)
  }
  return Object.keys(node?.properties ?? {})
}

function leaves(node: Node, path: string): readonly Setting[] {
  if (node.kind !== undefined) {
    const { kind, default: initial, unit, range, description: reason = '' } = node
    return [
      {
        path,
        kind,
        reason,
        ...(initial === undefined ? {} : { initial }),
        ...(unit === undefined ? {} : { unit }),
        ...(range === undefined ? {} : { range }),
      },
    ]
  }
  return Object.entries(node.properties ?? {}).flatMap(([key, inner]) =>
    leaves(inner, path === '' ? key : `${path}.${key}`),
  )
}

/** The table of README.md. */
export function referenceTable(): string {
  const rows = settings().map(({ path, kind, initial, unit, range, reason }) =>
    [
      `\`${path}\``,
      kind,
      initial === undefined ? 'not set' : `\`${JSON.stringify(initial)}\``,
      unit ?? '',
      range ?? '',
      reason,
    ]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  )
  return [
    '| setting | type | default | unit | range | reason |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

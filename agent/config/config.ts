/**
 * The configuration as the agent reads it: frozen, complete, durations as `...Ms` and sizes as
 * `...Bytes`. Derived from the schema, so that the two cannot drift apart. Pure.
 */
import type { Settings } from './schema.ts'
import type { Duration, Size } from './setting.ts'

type Named<Key, Value> = Key extends string
  ? [Value] extends [Duration]
    ? `${Key}Ms`
    : [Value] extends [Size]
      ? `${Key}Bytes`
      : Key
  : never

type WithUnits<Value> = Value extends Duration | Size
  ? number
  : Value extends readonly (infer Entry)[]
    ? readonly Entry[]
    : Value extends object
      ? { readonly [Key in keyof Value as Named<Key, Value[Key]>]: WithUnits<Value[Key]> }
      : Value

/** Every setting, with its default where the file says nothing. */
export type Config = WithUnits<Settings>

/** The unit moves from the value into the name: `{ poll: { ms: 5000 } }` is `{ pollMs: 5000 }`. */
export const toConfig = (settings: Settings): Config => withUnits(settings) as Config

function withUnits(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(withUnits))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => {
    const quantity = typeof inner === 'object' && inner !== null ? Object.entries(inner) : []
    const [unit, amount] = quantity.length === 1 ? (quantity[0] as [string, unknown]) : []
    if (typeof amount !== 'number') return [key, withUnits(inner)]
    if (unit === 'ms') return [`${key}Ms`, amount]
    if (unit === 'bytes') return [`${key}Bytes`, amount]
    return [key, withUnits(inner)]
  })
  return Object.freeze(Object.fromEntries(entries))
}

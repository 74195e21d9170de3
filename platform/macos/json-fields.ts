/**
 * Looks into a line of JSON whose shape is not promised: each step gives `undefined` where the value
 * is missing or of another kind. Pure and total.
 *
 * Numbers beyond 2^53 (`traceID` of the unified log) lose their last digits when JSON is parsed, so
 * `wholeOf` refuses them: a wrong number is worse than none.
 */

export type Fields = Readonly<Record<string, unknown>>

/** The object that a line holds; `undefined` where it holds another value or no JSON. */
export function parseObject(line: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(line))
  } catch {
    return undefined
  }
}

export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined

/** The object under `path`, step by step. */
export function within(fields: Fields | undefined, ...path: readonly string[]): Fields | undefined {
  let at = fields
  for (const key of path) at = fieldsOf(at?.[key])
  return at
}

/** Text that says something: an empty one is no fact. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** A whole number that is not negative. */
export const wholeOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined

export const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined

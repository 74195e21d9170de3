/** Reading JSON that others wrote: every access may find anything. Pure and total. */

export type JsonObject = { readonly [name: string]: unknown }

export const objectOf = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined

/** The names under which converters from XML put the text of an element that has attributes. */
const TEXT_NAMES = ['text', '#text', '$t', '_'] as const

/** Text, number or truth as text; of an element, its text. */
export function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
      return String(value)
    default: {
      const element = objectOf(value)
      const name = element && TEXT_NAMES.find((each) => typeof element[each] !== 'undefined')
      return name === undefined || typeof element?.[name] === 'object'
        ? undefined
        : textOf(element?.[name])
    }
  }
}

/** An attribute of an element: beside its text, or apart under `#attributes`. */
export function nameOf(element: unknown, attribute: string): string | undefined {
  const object = objectOf(element)
  return (
    textOf(object?.[attribute]) ??
    textOf(object?.[`@${attribute}`]) ??
    textOf(objectOf(object?.['#attributes'])?.[attribute])
  )
}

/** `a.b.c`, whether it is nested or written so. */
export function at(root: JsonObject, path: string): unknown {
  if (path in root) return root[path]
  let value: unknown = root
  for (const part of path.split('.')) value = objectOf(value)?.[part]
  return value
}

/**
 * Elasticsearch's `filter_path`: which fields of an answer are sent. `*` is any one name, `**` any
 * number of them; lists are looked through as if each entry stood in their place. What has none of the
 * fields is left out, in lists too.
 */
export function filterPath(value: object, paths: readonly string[]): Record<string, unknown> {
  const wanted = paths.map((path) => path.split('.'))
  return (keep(value, wanted) ?? {}) as Record<string, unknown>
}

function keep(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value
  if (Array.isArray(value)) {
    const entries = value.map((entry) => keep(entry, paths)).filter((it) => it !== undefined)
    return entries.length === 0 ? undefined : entries
  }
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const rest = paths.flatMap((path) => steps(path, name))
    const kept = rest.length === 0 ? undefined : keep(inner, rest)
    return kept === undefined ? [] : [[name, kept] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** What is left of a path behind `name`. */
function steps(path: readonly string[], name: string): (readonly string[])[] {
  const [first, ...rest] = path
  if (first === '**') return [path, ...steps(rest, name)]
  return first === '*' || first === name ? [rest] : []
}

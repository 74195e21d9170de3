/**
 * Lays the fleet's configuration over the file's: defaults < file < fleet, setting by setting. The
 * allowlists add up, since an entry that is pushed must not wipe those of a host. Pure.
 *
 * What the fleet may not touch is refused as a whole, so that nothing is half applied; what the host
 * has locked stays as it is, since one host's lock must not stop a roll-out.
 */
import { type Origin, type ParsedConfig, parseConfig, readValues, valueAt } from './parse.ts'
import { settings } from './reference.ts'

/** Where the fleet never reaches: who the host is, what it keeps for itself, and the fleet itself. */
const NEVER = ['fleet', 'local', 'locked', 'dataDir']
/** Without a pinned key: what is found and what is allowed, and no place, secret or path. */
const UNSIGNED = ['detect']
const ADDED_UP = ['detect.destIpAllowlist', 'detect.parentProcessBaseline']

export interface FleetPart {
  /** YAML. */
  readonly text: string
  readonly isSigned: boolean
}

type Values = Readonly<Record<string, unknown>>

/**
 * @param file the text of the file, known to be good; empty where there is none
 * @returns problems are the fleet's: with their place in its text where they have one
 */
export function layered(file: string, fleet: FleetPart): ParsedConfig {
  const alone = parseConfig(fleet.text)
  if (!alone.ok) return alone
  const mine = valuesOf(file)
  const theirs = valuesOf(fleet.text)
  const locked = (valueAt(mine, ['locked']) ?? []) as readonly string[]
  const given = settings().filter(({ path }) => valueAt(theirs, path.split('.')) !== undefined)
  const problems = given.flatMap(({ path }) => reach(path, fleet.isSigned) ?? [])
  if (problems.length > 0) return { ok: false, problems: problems.map((message) => ({ message })) }

  const from = new Map<string, Origin>()
  let values = mine
  for (const { path } of given) {
    const keys = path.split('.')
    const own = valueAt(mine, keys)
    if (locked.some((lock) => isWithin(path, lock))) {
      from.set(path, own === undefined ? 'default, locked' : 'file, locked')
      continue
    }
    const pushed = valueAt(theirs, keys)
    const isSum = ADDED_UP.includes(path) && Array.isArray(own) && own.length > 0
    from.set(path, isSum ? 'file + fleet' : 'fleet')
    values = withValue(
      values,
      keys,
      isSum ? [...new Set([...own, ...(pushed as unknown[])])] : pushed,
    )
  }
  const result = parseConfig(JSON.stringify(values))
  if (!result.ok) {
    // Places are those of the joined text, which nobody has seen.
    return { ok: false, problems: result.problems.map(({ message }) => ({ message })) }
  }
  const effective = result.effective.map((it) => ({ ...it, from: from.get(it.path) ?? it.from }))
  return { ...result, effective }
}

/** Why the fleet may not set it. */
function reach(path: string, isSigned: boolean): string | undefined {
  if (NEVER.some((group) => isWithin(path, group))) {
    return `${path}: only this host's own file may set it`
  }
  if (isSigned || UNSIGNED.some((group) => isWithin(path, group))) return undefined
  return `${path}: without a pinned key (fleet.publicKeys) the fleet may set only ${UNSIGNED.join(', ')}`
}

const isWithin = (path: string, group: string): boolean =>
  path === group || path.startsWith(`${group}.`)

function valuesOf(text: string): Values {
  const read = readValues(text)
  return read.ok ? ((read.values ?? {}) as Values) : {}
}

function withValue(values: Values, [key = '', ...rest]: readonly string[], value: unknown): Values {
  const inner = rest.length === 0 ? value : withValue((values[key] ?? {}) as Values, rest, value)
  return { ...values, [key]: inner }
}

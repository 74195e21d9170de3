/**
 * Parses systemd unit files with their drop-ins, and the time spans in them. Pure.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
 */

/** Values by "Section.Key", in the order they were given. */
export type Unit = ReadonlyMap<string, readonly string[]>

const SECTION = /^\[([^\]]+)\]$/
const SETTING = /^([A-Za-z0-9-]+)\s*=\s*(.*)$/s

/** @param texts the unit's file, then its drop-ins in the order of their names */
export function parseUnit(texts: readonly string[]): Unit {
  const unit = new Map<string, string[]>()
  for (const text of texts) {
    let section = ''
    for (const line of logicalLines(text)) {
      const header = SECTION.exec(line)?.[1]
      if (header !== undefined) section = header
      const [, key, value = ''] = SETTING.exec(line) ?? []
      if (key === undefined) continue
      const name = `${section}.${key}`
      // An empty value forgets what was given before: so drop-ins replace a list.
      if (value === '') unit.set(name, [])
      else unit.set(name, [...(unit.get(name) ?? []), value])
    }
  }
  return unit
}

/** Joins what a backslash at the line's end continues; comments may stand between. */
function logicalLines(text: string): string[] {
  const lines: string[] = []
  let held = ''
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line.startsWith('#') || line.startsWith(';')) continue
    if (line.endsWith('\\')) {
      held += `${line.slice(0, -1)} `
      continue
    }
    if (held !== '' || line !== '') lines.push((held + line).trim())
    held = ''
  }
  if (held !== '') lines.push(held.trim())
  return lines
}

/** The value that counts where only one can: the last. */
export const lastValue = (unit: Unit, name: string): string | undefined => unit.get(name)?.at(-1)

/** Names that systemd knows for a unit of time, in ms. */
const UNIT_MS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1e-6, 'ns nsec'],
      [1e-3, 'us usec µs μs'],
      [1, 'ms msec'],
      [1000, 's sec second seconds'],
      [60_000, 'm min minute minutes'],
      [3_600_000, 'h hr hour hours'],
      [86_400_000, 'd day days'],
      [604_800_000, 'w week weeks'],
      [2_629_800_000, 'M month months'],
      [31_557_600_000, 'y year years'],
    ] as const
  ).flatMap(([ms, names]) => names.split(' ').map((name) => [name, ms] as const)),
)
const SPAN_PART = /(\d+(?:\.\d+)?)\s*([a-zA-Zµμ]*)/g

/** "1h 30min" in ms; a number alone is seconds. `undefined` for `infinity` and what is no span. */
export function parseTimeSpan(text: string): number | undefined {
  if (text.trim() === '' || text.replace(SPAN_PART, '').trim() !== '') return undefined
  let totalMs = 0
  for (const [, count = '', name = ''] of text.matchAll(SPAN_PART)) {
    const ms = name === '' ? 1000 : UNIT_MS.get(name)
    if (ms === undefined) return undefined
    totalMs += Number(count) * ms
  }
  return totalMs
}

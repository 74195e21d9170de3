/** Names for job definitions that have none of their own. Pure: the same text gives the same name. */
import { createHash } from 'node:crypto'

/**
 * Names a line by what it says and not by where it stands, so that a line above it changes nothing.
 * @param seen ids given in this file so far: a line that stands there twice is two jobs
 */
export function lineId(prefix: string, facts: readonly string[], seen: Set<string>): string {
  const digest = createHash('sha256').update(facts.join('\0')).digest('hex').slice(0, 16)
  const base = `${prefix}:${digest}`
  let id = base
  for (let n = 2; seen.has(id); n++) id = `${base}#${n}`
  seen.add(id)
  return id
}

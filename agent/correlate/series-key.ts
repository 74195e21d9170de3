/** What makes one series another than the next: actor, user and destination. */
import { hash } from 'node:crypto'
import type { SeriesIdentity } from '../../storage/series.ts'

/** Keys of the series that were met last: a series is met again and again. */
const keys = new Map<string, string>()
const MAX_KEYS = 4_096

/** The identity of a series and its key, the hash of what does not change between its transfers. */
export function seriesIdentity(facts: Omit<SeriesIdentity, 'key'>): SeriesIdentity {
  const destination = facts.destinationDomain ?? facts.destinationIp ?? ''
  const parts = [
    ...[facts.actor ?? '', facts.userId ?? '', facts.sourceIp ?? ''],
    ...[destination, facts.destinationPort],
  ]
  // NUL can stand in none of them, so that no two stories share a text.
  return { key: keyOf(parts.join('\0')), ...facts }
}

function keyOf(text: string): string {
  const known = keys.get(text)
  if (known !== undefined) return known
  const key = hash('sha256', text).slice(0, 32)
  if (keys.size >= MAX_KEYS) keys.clear()
  keys.set(text, key)
  return key
}

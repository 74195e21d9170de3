/** What makes one series another than the next: actor, user and destination. */
import { createHash } from 'node:crypto'
import type { SeriesIdentity } from '../../storage/series.ts'

/** The identity of a series and its key, the hash of what does not change between its transfers. */
export function seriesIdentity(facts: Omit<SeriesIdentity, 'key'>): SeriesIdentity {
  const destination = facts.destinationDomain ?? facts.destinationIp ?? ''
  const parts = [
    ...[facts.actor ?? '', facts.userId ?? '', facts.sourceIp ?? ''],
    ...[destination, facts.destinationPort],
  ]
  // NUL can stand in none of them, so that no two stories share a text.
  const key = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)
  return { key, ...facts }
}

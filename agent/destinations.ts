/**
 * Who on this host talks to which destination, and since when: what makes a destination new or rare.
 * Bounded; what it forgets looks new again, and says so nowhere, since only risk is judged by it.
 */
import type { EpochMs } from '../platform/event.ts'
import type { SeriesIdentity } from '../storage/series.ts'

/** Some 200 bytes each. */
const MAX_DESTINATIONS = 50_000
/** More actors than this are many; which ones no longer matters. */
const MAX_ACTORS = 16

export interface DestinationFacts {
  readonly firstSeenMs: EpochMs
  /** How many actors of this host talk to it; counted up to 16. */
  readonly actors: number
}

export interface Destinations {
  learn(identity: SeriesIdentity, atMs: EpochMs): void
  of(identity: SeriesIdentity): DestinationFacts | undefined
}

export function destinations(): Destinations {
  const known = new Map<string, { firstSeenMs: EpochMs; readonly actors: Set<string> }>()
  return {
    learn(identity, atMs) {
      const key = keyOf(identity)
      const actor = identity.actor ?? ''
      const facts = known.get(key)
      if (facts === undefined) {
        known.set(key, { firstSeenMs: atMs, actors: new Set([actor]) })
        if (known.size > MAX_DESTINATIONS) known.delete(known.keys().next().value as string)
        return
      }
      facts.firstSeenMs = Math.min(facts.firstSeenMs, atMs)
      if (facts.actors.size < MAX_ACTORS) facts.actors.add(actor)
    },
    of(identity) {
      const facts = known.get(keyOf(identity))
      return facts && { firstSeenMs: facts.firstSeenMs, actors: facts.actors.size }
    },
  }
}

const keyOf = ({ destinationDomain, destinationIp }: SeriesIdentity): string =>
  destinationDomain ?? destinationIp ?? ''

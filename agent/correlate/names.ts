/**
 * Names for addresses, from look-ups that were seen on this host. No name is ever asked for: a
 * reverse look-up would tell the peer's name server that somebody looks, and often lies.
 */
import type { NameResolved } from '../../platform/event.ts'

/** Entries kept; a look-up is some 100 bytes. */
const MAX_NAMES = 20_000

export interface Names {
  resolved(event: NameResolved): void
  /** The name that was last resolved to this address. */
  of(ip: string): string | undefined
}

export function names(): Names {
  const byAddress = new Map<string, string>()
  return {
    resolved({ domain, addresses }) {
      for (const address of addresses) {
        byAddress.delete(address)
        byAddress.set(address, domain)
        if (byAddress.size > MAX_NAMES) byAddress.delete(byAddress.keys().next().value as string)
      }
    },
    of: (ip) => byAddress.get(ip),
  }
}

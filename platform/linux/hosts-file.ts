/**
 * Reads `/etc/hosts`: names that this host gives to addresses without asking a resolver. Pure.
 * Names of the host itself on a loopback address are left out: nothing is sent to them.
 */
import { networkScope, parseIp } from '../address.ts'

/** @returns name, lower case and without its trailing dot, to its addresses in the file's order */
export function parseHostsFile(text: string): ReadonlyMap<string, readonly string[]> {
  const addresses = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const ip = parseIp(address)
    if (ip === undefined || !REACHABLE.has(networkScope(ip))) continue
    for (const name of names) {
      const domain = name.toLowerCase().replace(/\.$/, '')
      const known = addresses.get(domain) ?? []
      if (domain !== '' && !known.includes(ip)) addresses.set(domain, [...known, ip])
    }
  }
  return addresses
}

/** `ff02::1 ip6-allnodes` and `0.0.0.0 blocked.example` name nobody that data can be sent to. */
const REACHABLE: ReadonlySet<string> = new Set(['private', 'external', 'link-local'])

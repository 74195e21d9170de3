/**
 * Destinations that the owner allows: addresses, networks and domains. Pure.
 *
 * Thousands of entries cost no more than a few: addresses and domains are hashed, and networks are
 * grouped by prefix length, so that one lookup a length in use answers for all of that length.
 */
import ipaddr from 'ipaddr.js'
import { parseIp } from '../../platform/address.ts'
import { AgentError } from '../../platform/errors.ts'

export interface DestinationName {
  /** Canonical text. */
  readonly ip?: string | undefined
  readonly domain?: string | undefined
}

/** The entry that a destination matches, as the owner wrote it; `undefined` for none. */
export type DestinationMatcher = (destination: DestinationName) => string | undefined

interface Networks {
  readonly isIpv4: boolean
  readonly prefix: number
  /** First address of each network, to the entry that names it. */
  readonly entries: Map<bigint, string>
}

/**
 * @param entries IPs, CIDRs, domains; `*.example.org` is any name below example.org, not itself
 * @throws {AgentError} `ERR_PATTERN_INVALID` that names the entry
 */
export function compileDestinations(entries: readonly string[]): DestinationMatcher {
  const addresses = new Map<string, string>()
  const domains = new Map<string, string>()
  const suffixes = new Map<string, string>()
  const networks = new Map<string, Networks>()
  for (const entry of entries) {
    const text = entry.trim().toLowerCase().replace(/\.$/, '')
    const ip = parseIp(text)
    const network = ip === undefined ? parseNetwork(text) : undefined
    if (ip !== undefined) addresses.set(ip, entry)
    else if (network !== undefined) {
      const { isIpv4, prefix, first } = network
      const group = `${isIpv4 ? 4 : 6}/${prefix}`
      const known = networks.get(group) ?? { isIpv4, prefix, entries: new Map<bigint, string>() }
      known.entries.set(first, entry)
      networks.set(group, known)
    } else if (!DOMAIN.test(text)) throw invalid(entry)
    else if (text.startsWith('*.')) suffixes.set(text.slice(2), entry)
    else domains.set(text, entry)
  }
  const lengths = [...networks.values()]
  const ofDomain = (domain: string): string | undefined => {
    const name = domain.toLowerCase().replace(/\.$/, '')
    const exact = domains.get(name)
    if (exact !== undefined || suffixes.size === 0) return exact
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const entry = suffixes.get(name.slice(dot + 1))
      if (entry !== undefined) return entry
    }
    return undefined
  }
  const ofAddress = (text: string): string | undefined => {
    const ip = parseIp(text)
    if (ip === undefined) return undefined
    const exact = addresses.get(ip)
    if (exact !== undefined || lengths.length === 0) return exact
    const { isIpv4, value } = numberOf(ip)
    for (const group of lengths) {
      if (group.isIpv4 !== isIpv4) continue
      const entry = group.entries.get(firstOf(value, isIpv4, group.prefix))
      if (entry !== undefined) return entry
    }
    return undefined
  }
  return ({ ip, domain }) =>
    (domain === undefined ? undefined : ofDomain(domain)) ??
    (ip === undefined ? undefined : ofAddress(ip))
}

/** Labels of letters, digits, `-` and `_`; the last is no number, so that `10.0.0.300` is refused. */
const DOMAIN = /^(?:\*\.)?(?:[a-z0-9_-]{1,63}\.)*(?!\d+$)[a-z0-9_-]{1,63}$/

function parseNetwork(
  text: string,
): { isIpv4: boolean; prefix: number; first: bigint } | undefined {
  const [, base = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const ip = parseIp(base)
  if (ip === undefined) return undefined
  const { isIpv4, value } = numberOf(ip)
  // ::ffff:192.0.2.0/120 is 192.0.2.0/24.
  const prefix = Number(digits) - (isIpv4 && base.includes(':') ? 96 : 0)
  if (prefix < 0 || prefix > (isIpv4 ? 32 : 128)) return undefined
  return { isIpv4, prefix, first: firstOf(value, isIpv4, prefix) }
}

function numberOf(ip: string): { isIpv4: boolean; value: bigint } {
  const bytes = ipaddr.parse(ip).toByteArray()
  return {
    isIpv4: bytes.length === 4,
    value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n),
  }
}

function firstOf(value: bigint, isIpv4: boolean, prefix: number): bigint {
  const host = BigInt((isIpv4 ? 32 : 128) - prefix)
  return (value >> host) << host
}

const invalid = (entry: string): AgentError =>
  new AgentError('ERR_PATTERN_INVALID', `${JSON.stringify(entry)} is no IP, CIDR or domain`, {
    remedy: 'write 192.0.2.7, 192.0.2.0/24, example.org or *.example.org',
  })

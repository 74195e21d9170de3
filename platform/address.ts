/**
 * IP addresses as canonical text (RFC 5952), and what kind of network one belongs to. Pure.
 * IPv4-mapped IPv6 (`::ffff:a.b.c.d`) is the IPv4 address that it carries.
 */
import ipaddr from 'ipaddr.js'

/** Canonical text for an address in network byte order: 4 bytes, or 16. */
export function formatIp(bytes: Uint8Array | readonly number[]): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
  return canonical(ipaddr.fromByteArray(Array.from(bytes)))
}

/** Canonical text of an address in any usual spelling; `undefined` where it is none. */
export function parseIp(text: string): string | undefined {
  // A zone (`fe80::1%eth0`) names an interface of this host, not the peer.
  const bare = text.includes('%') ? text.slice(0, text.indexOf('%')) : text
  if (DOTTED_QUAD.test(bare)) return bare
  if (!bare.includes(':')) return undefined
  return ipaddr.IPv6.isValid(bare) ? canonical(ipaddr.IPv6.parse(bare)) : undefined
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const DOTTED_QUAD = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

function canonical(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv6) {
    return address.isIPv4MappedAddress()
      ? address.toIPv4Address().toString()
      : address.toRFC5952String()
  }
  return address.toString()
}

/**
 * `loopback`, `link-local`, `multicast` (broadcast too), `unspecified`; `private` is a network that
 * is not routed on the internet (RFC 1918, RFC 4193, RFC 6598); all else is `external`.
 */
export type NetworkScope =
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'unspecified'
  | 'private'
  | 'external'

/** What stands where an address is hidden; no address begins so. */
const MASK = 'masked:'

/**
 * Stands for an address that the source hides, as macOS does in its log: `IPv4#03906bbc` becomes
 * `masked:IPv4#03906bbc`. The same peer has the same mask, so it can recur; which one it is, it hides.
 */
export const maskOf = (text: string): string => `${MASK}${text}`

/** Whether it stands for an address and is none. */
export const isMasked = (ip: string): boolean => ip.startsWith(MASK)

/** `203.0.113.9:443`, `[2001:db8::1]:443`, `backup.example:443`, `masked:IPv4#03906bbc:443`. */
export const endpointText = (host: string, port: number): string =>
  host.includes(':') && !isMasked(host) ? `[${host}]:${port}` : `${host}:${port}`

/**
 * A mask is `external`: nothing says that it is inside, and what is hidden must not pass for harmless.
 * @param ip canonical text or a mask; anything else is `unspecified`
 */
export function networkScope(ip: string): NetworkScope {
  const known = scopes.get(ip)
  if (known !== undefined) return known
  const scope = scopeOf(ip)
  if (scopes.size >= MAX_SCOPES) scopes.clear()
  scopes.set(ip, scope)
  return scope
}

/** Of the addresses that were asked for last: asked for each connection, and costly to find. */
const scopes = new Map<string, NetworkScope>()
const MAX_SCOPES = 4_096

function scopeOf(ip: string): NetworkScope {
  if (isMasked(ip)) return 'external'
  if (!ipaddr.isValid(ip)) return 'unspecified'
  switch (ipaddr.parse(ip).range()) {
    case 'loopback':
      return 'loopback'
    case 'linkLocal':
      return 'link-local'
    case 'multicast':
    case 'broadcast':
      return 'multicast'
    case 'unspecified':
      return 'unspecified'
    case 'private':
    case 'uniqueLocal':
    case 'carrierGradeNat':
      return 'private'
    default:
      return 'external'
  }
}

/**
 * Reads an endpoint as Network.framework and the kernel write it to the log. Pure.
 *
 * `IPv4#03906bbc:443`, `IPv6#b359ef86.443` and `Hostname#38445e48:443` are masks: a hash stands for what
 * the log hides. Without a mask a name or an address stands there; an IPv6 address is parted from its
 * port by a dot. The kernel hides addresses without a hash: `<IPv4-redacted>:443`.
 */
import { maskOf, parseIp } from '../address.ts'
import type { Endpoint } from '../event.ts'

/** One of `ip` and `domain` is there. */
export interface LoggedEndpoint {
  /** An address, or a mask of an address or of a name. */
  readonly ip?: string
  /** Lower case, without the trailing dot. */
  readonly domain?: string
  readonly port: number
}

const MASKED = /^((?:IPv4|IPv6|Hostname)#[0-9a-f]{4,16})[:.](\d{1,5})$/
const REDACTED = /^<(IPv[46])-redacted>:(\d{1,5})$/
const IPV4_OR_NAME = /^([^\s:]+):(\d{1,5})$/
/** The kernel puts a colon before the port and may put brackets; Network.framework puts a dot. */
const IPV6 = /^\[?([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*?(?:%\w+)?)\]?[.:](\d{1,5})$/
const NAME = /^(?=.{1,253}$)(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?$/
const MAX_PORT = 0xffff

export function parseLoggedEndpoint(text: string): LoggedEndpoint | undefined {
  const masked = MASKED.exec(text) ?? REDACTED.exec(text)
  if (masked !== null) return at({ ip: maskOf(masked[1] ?? '') }, masked[2])
  const [, host = '', port] = IPV4_OR_NAME.exec(text) ?? []
  const ipv4 = parseIp(host)
  if (ipv4 !== undefined) return at({ ip: ipv4 }, port)
  if (NAME.test(host) && !ALL_DIGITS.test(host)) {
    return at({ domain: host.toLowerCase().replace(/\.$/, '') }, port)
  }
  const [, address = '', ipv6Port] = IPV6.exec(text) ?? []
  const ipv6 = parseIp(address)
  return ipv6 === undefined ? undefined : at({ ip: ipv6 }, ipv6Port)
}

/** `10.0.0.300` is a slip, and no name. */
const ALL_DIGITS = /^[\d.]+$/

function at(facts: Omit<LoggedEndpoint, 'port'>, digits = ''): LoggedEndpoint | undefined {
  const port = Number(digits)
  return port > MAX_PORT ? undefined : { ...facts, port }
}

/** As an event has it; `undefined` where only a name is known. */
export const endpointOf = ({ ip, port }: LoggedEndpoint): Endpoint | undefined =>
  ip === undefined ? undefined : { ip, port }

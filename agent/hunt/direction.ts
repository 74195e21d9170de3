/**
 * Which hosts of a recording are "ours", and which way a series crosses the border. Pure.
 *
 * In this order, the first that says anything: the networks that a person named; private addresses
 * (RFC 1918 and the like) and what the sensor itself noted of its own networks; and where neither is
 * there, the one host that takes part in more than half of all transfers: a recording is made
 * somewhere, and that is the host it was made at.
 */
import ipaddr from 'ipaddr.js'
import { networkScope } from '../../platform/address.ts'
import type { RecordedSeries } from './recorded-series.ts'

/** ECS `network.direction`; `external`: neither end is ours, as far as we know. */
export type Direction = 'outbound' | 'inbound' | 'internal' | 'external'

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** A network as a person writes it, or a single address; `undefined` where it is none. */
export function parseNetwork(text: string): Network | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.isValid(text)) return undefined
  const address = ipaddr.parse(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** @returns whether an address is ours */
export function localHosts(
  series: Iterable<RecordedSeries>,
  networks: readonly Network[],
): (ip: string) => boolean {
  if (networks.length > 0) return remembered((ip) => isWithin(ip, networks))
  const votes = new Map<string, number>()
  const transfers = new Map<string, number>()
  let total = 0
  let isTold = false
  const isPrivate = remembered(isPrivateIp)
  for (const one of series) {
    total += one.transfers
    for (const [ip, vote] of [
      [one.sourceIp, one.sourceVotes],
      [one.destinationIp, one.destinationVotes],
    ] as const) {
      isTold ||= vote !== 0 || isPrivate(ip)
      votes.set(ip, (votes.get(ip) ?? 0) + vote)
      transfers.set(ip, (transfers.get(ip) ?? 0) + one.transfers)
    }
  }
  if (isTold) return remembered((ip) => (votes.get(ip) ?? 0) > 0 || isPrivate(ip))
  // Two hosts that only talk to each other both qualify: then nothing tells them apart.
  const hubs = [...transfers].filter(([, count]) => 2 * count > total).map(([ip]) => ip)
  return (ip) => hubs.length === 1 && ip === hubs[0]
}

export function directionOf(
  { sourceIp, destinationIp }: Pick<RecordedSeries, 'sourceIp' | 'destinationIp'>,
  isLocal: (ip: string) => boolean,
): Direction {
  const staysNear = NEAR.has(networkScope(destinationIp))
  const [from, to] = [isLocal(sourceIp), staysNear || isLocal(destinationIp)]
  if (from) return to ? 'internal' : 'outbound'
  return to ? 'inbound' : 'external'
}

/** Whether it is sent to nobody in particular: discovery and announcements on the same link. */
export const isToEveryone = (ip: string): boolean => networkScope(ip) === 'multicast'

/** Never routed onwards. */
const NEAR: ReadonlySet<string> = new Set(['loopback', 'link-local', 'multicast', 'unspecified'])

const isPrivateIp = (ip: string): boolean => {
  const scope = networkScope(ip)
  return scope === 'private' || scope === 'link-local' || scope === 'loopback'
}

function isWithin(ip: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(ip)) return false
  const address = ipaddr.parse(ip)
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  )
}

/** Parsing an address costs a microsecond, and one is asked for many times. */
function remembered(decide: (ip: string) => boolean): (ip: string) => boolean {
  const known = new Map<string, boolean>()
  return (ip) => {
    const answer = known.get(ip) ?? decide(ip)
    known.set(ip, answer)
    return answer
  }
}

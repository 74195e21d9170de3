/**
 * The facts of this host for ECS `host.*`, found once at start.
 *
 * systeminformation's `osInfo` and `uuid` (some 75 and 10 ms on Linux, by short-lived helpers of the
 * system) know the distribution and the machine id. Addresses come from node:os, since
 * `networkInterfaces` of the library starts a process for each card to learn what no alert needs.
 */
import {
  hostname,
  machine,
  networkInterfaces,
  platform as nodePlatform,
  release,
  type,
} from 'node:os'
import { osInfo, uuid } from 'systeminformation'
import { networkScope, parseIp } from '../platform/address.ts'
import type { HostFacts } from './alert/host-facts.ts'

/** What tests replace. */
export interface HostSources {
  readonly osInfo: () => Promise<{
    readonly distro?: string
    readonly release?: string
    readonly kernel?: string
    readonly serial?: string
  }>
  readonly uuid: () => Promise<{ readonly os?: string }>
  readonly networkInterfaces: typeof networkInterfaces
  readonly platform: () => string
}

/** An alert has room for few: enough for a primary and a second card, each IPv4 and IPv6. */
const MAX_ADDRESSES = 4

/** Never rejects: what the library cannot tell is taken from Node, or left out. */
export async function hostFacts(
  sources: HostSources = { osInfo, uuid, networkInterfaces, platform: nodePlatform },
): Promise<HostFacts> {
  const [system, ids] = await Promise.all([
    sources.osInfo().catch(() => undefined),
    sources.uuid().catch(() => undefined),
  ])
  const platform = sources.platform()
  const id = told(ids?.os) ?? told(system?.serial)
  const family = familyOf(platform, told(system?.distro))
  const version = told(system?.release)
  const { ip, mac } = addresses(sources.networkInterfaces())
  return {
    ...(id !== undefined && { id: id.toLowerCase() }),
    name: hostname(),
    hostname: hostname(),
    architecture: machine(),
    os: {
      type: OS_TYPES[platform] ?? 'unix',
      platform,
      name: told(system?.distro) ?? type(),
      kernel: told(system?.kernel) ?? release(),
      ...(version !== undefined && { version }),
      ...(family !== undefined && { family }),
    },
    ip,
    mac,
  }
}

const OS_TYPES: Readonly<Record<string, HostFacts['os']['type']>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
}

/** The library writes "unknown", "-" or nothing where it does not know. */
const told = (text: string | undefined): string | undefined =>
  text === undefined || /^(?:\s*|-|unknown)$/i.test(text) ? undefined : text.trim()

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/debian|ubuntu|mint|raspbian|kali|pop!_os/i, 'debian'],
  [/red ?hat|centos|fedora|rocky|alma|oracle|amazon/i, 'redhat'],
  [/suse/i, 'suse'],
  [/arch|manjaro/i, 'arch'],
  [/alpine/i, 'alpine'],
]

function familyOf(platform: string, distro: string | undefined): string | undefined {
  if (platform === 'darwin' || platform === 'win32') return OS_TYPES[platform]
  return distro === undefined ? undefined : FAMILIES.find(([words]) => words.test(distro))?.[1]
}

/** Addresses by which others know this host: IPv4 first, without loopback and link-local ones. */
function addresses(cards: ReturnType<typeof networkInterfaces>): Pick<HostFacts, 'ip' | 'mac'> {
  const all = Object.values(cards).flatMap((list) => list ?? [])
  const outward = all.flatMap((card) => {
    const ip = parseIp(card.address)
    const scope = ip === undefined ? undefined : networkScope(ip)
    return ip !== undefined && (scope === 'private' || scope === 'external')
      ? [{ ip, mac: card.mac }]
      : []
  })
  const byFamily = outward.toSorted(
    (a, b) => Number(a.ip.includes(':')) - Number(b.ip.includes(':')),
  )
  const macs = outward.map(({ mac }) => mac).filter((mac) => mac !== '00:00:00:00:00:00')
  return {
    ip: [...new Set(byFamily.map(({ ip }) => ip))].slice(0, MAX_ADDRESSES),
    mac: [...new Set(macs.map((mac) => mac.toUpperCase().replaceAll(':', '-')))].slice(
      0,
      MAX_ADDRESSES,
    ),
  }
}

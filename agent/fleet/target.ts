/** Whether a bundle is meant for this host. Pure. */
import { createHash } from 'node:crypto'
import { matchesGlob } from 'node:path/posix'
import type { Target } from './bundle.ts'

export interface HostTraits {
  /** UUID that outlives restarts and updates. */
  readonly instanceId: string
  readonly name: string
  readonly os: 'linux' | 'windows' | 'macos' | 'unix'
  /** `name=value`. */
  readonly labels: readonly string[]
}

export function isMeant(target: Target | undefined, host: HostTraits): boolean {
  const { hosts, labels, os, percent } = target ?? {}
  const name = host.name.toLowerCase()
  return (
    (hosts === undefined || hosts.some((glob) => matchesGlob(name, glob.toLowerCase()))) &&
    (labels === undefined || labels.every((label) => host.labels.includes(label))) &&
    (os === undefined || os.some((one) => one === host.os)) &&
    (percent === undefined || ringOf(host.instanceId) < percent)
  )
}

/** 0 to 100, evenly spread over instance ids, and always the same for one. */
export const ringOf = (instanceId: string): number =>
  (createHash('sha256').update(instanceId).digest().readUInt32BE() / 2 ** 32) * 100

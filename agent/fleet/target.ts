/** Whether a bundle is meant for this host. Pure. */
import { createHash } from 'node:crypto'
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
    (hosts === undefined || hosts.some((glob) => matches(name, glob.toLowerCase()))) &&
    (labels === undefined || labels.every((label) => host.labels.includes(label))) &&
    (os === undefined || os.some((one) => one === host.os)) &&
    (percent === undefined || ringOf(host.instanceId) < percent)
  )
}

/** 0 to 100, evenly spread over instance ids, and always the same for one. */
export const ringOf = (instanceId: string): number =>
  (createHash('sha256').update(instanceId).digest().readUInt32BE() / 2 ** 32) * 100

/**
 * `*` is any text, `?` any character, in time of the product of both lengths: what names hosts may come
 * from a server that nothing vouches for.
 */
function matches(text: string, glob: string): boolean {
  let [at, inGlob] = [0, 0]
  /** Where the last star stands, and how far into the text it was taken to reach. */
  let star: { readonly inGlob: number; at: number } | undefined
  while (at < text.length) {
    const wanted = glob[inGlob]
    if (wanted === '*') {
      star = { inGlob, at }
      inGlob++
    } else if (wanted === '?' || wanted === text[at]) {
      at++
      inGlob++
    } else if (star !== undefined) {
      star.at++
      at = star.at
      inGlob = star.inGlob + 1
    } else return false
  }
  return /^\**$/.test(glob.slice(inGlob))
}

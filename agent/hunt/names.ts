/**
 * Which name a host meant by an address, at a time: from what it was told in DNS answers. Pure.
 *
 * One address serves many names and one name moves between addresses, so the answer last given to
 * that very host before the connection counts. Where the host asked through a resolver that the
 * sensor saw in its place, the answer that anyone got stands in.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { RecordedName } from '../../platform/recordings/zeek-record.ts'

/** Changes of name remembered; bounds the memory on months of DNS logs (some 100 MB). */
const MAX_CHANGES = 1_000_000

export interface NameTable {
  add(name: RecordedName): void
  /** The name that `clientIp` knew `address` by at `atMs`; `undefined` where nobody was told one. */
  nameOf(clientIp: string, address: string, atMs: EpochMs): string | undefined
  /** Names not remembered for want of space. */
  readonly dropped: number
}

interface Told {
  readonly atMs: EpochMs
  readonly domain: string
}

export function nameTable(): NameTable {
  const byClient = new Map<string, Told[]>()
  const byAnyone = new Map<string, Told[]>()
  const unsorted = new Set<Told[]>()
  const domains = new Map<string, string>()
  let changes = 0
  let dropped = 0

  function remember(table: Map<string, Told[]>, key: string, told: Told): void {
    const list = table.get(key)
    const last = list?.at(-1)
    // Told the same again: only a change matters, as long as they come in order.
    if (last !== undefined && last.domain === told.domain && last.atMs <= told.atMs) return
    if (changes >= MAX_CHANGES) {
      dropped++
      return
    }
    changes++
    if (list === undefined || last === undefined) table.set(key, [told])
    else {
      list.push(told)
      if (last.atMs > told.atMs) unsorted.add(list)
    }
  }

  /** The last told at or before `atMs`; the first of all where there is none. */
  function latest(list: Told[] | undefined, atMs: EpochMs): string | undefined {
    if (list === undefined) return undefined
    if (unsorted.delete(list)) list.sort((a, b) => a.atMs - b.atMs)
    const next = list.findIndex((told) => told.atMs > atMs)
    return (next < 0 ? list.at(-1) : list[Math.max(0, next - 1)])?.domain
  }

  return {
    add({ atMs, clientIp, domain, addresses }) {
      const known = domains.get(domain) ?? domain
      domains.set(known, known)
      for (const address of addresses) {
        remember(byClient, `${clientIp} ${address}`, { atMs, domain: known })
        remember(byAnyone, address, { atMs, domain: known })
      }
    },
    nameOf(clientIp, address, atMs) {
      if (byAnyone.size === 0) return undefined
      const own = latest(byClient.get(`${clientIp} ${address}`), atMs)
      return own ?? latest(byAnyone.get(address), atMs)
    },
    get dropped() {
      return dropped
    },
  }
}

/** Names that `/etc/hosts` gives to addresses: told at start, and again when the file changes. */
import { readFileSync, statSync } from 'node:fs'
import type { Clock, Collector } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { faultOf, SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { parseHostsFile } from './hosts-file.ts'

const dataset = 'linux.hosts'

/** The file changes by hand or by a configuration tool, not by the second. */
const POLL_MS = 30_000

export interface HostsFileOptions {
  readonly clock: Clock
  /** Time between looks, ms. A look is one `stat`. */
  readonly pollMs?: number
  readonly path?: string
}

export function hostsFileCollector(options: HostsFileOptions): Collector {
  const { clock, pollMs = POLL_MS, path = '/etc/hosts' } = options
  const counters = zeroCounters()

  return {
    dataset,
    description: `names in ${path}`,
    counters,
    async *batches(signal) {
      let stamp = ''
      let told = new Map<string, string>()
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const file = readIfChanged(path, stamp)
        if (file === undefined) continue
        stamp = file.stamp
        const names = parseHostsFile(file.text)
        const fresh = [...names].filter(([domain, ips]) => told.get(domain) !== ips.join())
        told = new Map([...names].map(([domain, ips]) => [domain, ips.join()]))
        counters.received += names.size
        counters.emitted += fresh.length
        counters.ignored += names.size - fresh.length
        const events = fresh.map(
          ([domain, addresses]): Event => ({
            kind: 'name-resolved',
            atMs,
            dataset,
            domain,
            addresses,
          }),
        )
        if (events.length > 0) yield { events }
      }
    },
  }
}

/** @returns `undefined` where the file is the one of `stampBefore` */
function readIfChanged(
  path: string,
  stampBefore: string,
): { readonly stamp: string; readonly text: string } | undefined {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    const stamp = `${mtimeMs} ${size} ${ino}`
    return stamp === stampBefore ? undefined : { stamp, text: readFileSync(path, 'utf8') }
  } catch (cause) {
    throw new SourceError(`${path}: ${faultOf(cause)}`, {
      cause,
      remedy: 'create the file, or do without names from it',
    })
  }
}

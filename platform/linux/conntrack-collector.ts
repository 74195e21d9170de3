/**
 * The volume of flows, from netfilter's accounting.
 *
 * Polls `/proc/net/nf_conntrack`: a TCP flow stays there for 120 s after it is over, UDP for 30 s and
 * more, so a poll misses nothing and has the final counts within seconds. The tool's DESTROY events
 * come only when the kernel forgets the flow, those 120 s later: they serve where there is no such
 * file, or where the table is so long that reading it costs too much.
 */
import { networkInterfaces } from 'node:os'
import type { Batch, Bookmark, Clock, Collector } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { codeOf, faultOf, SourceError } from '../errors.ts'
import type { EpochMs, Event } from '../event.ts'
import { type ConntrackFlow, parseConntrackLine } from './conntrack.ts'
import { conntrackEvents } from './conntrack-events-collector.ts'
import { conntrackTracker, DEFAULT_FINAL_SECONDS, type FinalSeconds } from './conntrack-tracker.ts'
import { readKernelFile, tryReadKernelFile } from './proc-file-collector.ts'
import { hasNoRemote, parseProcNetRow, TCP_STATE } from './proc-net.ts'

const dataset = 'linux.conntrack'

/** Below the 10 s for which the kernel keeps a connection that was reset. */
const POLL_MS = 8_000
/** Reading a table of this length costs about 1 % of a core at `POLL_MS`. */
const MAX_ROWS = 10_000

export interface ConntrackOptions {
  readonly clock: Clock
  /** Time between reads of the table, ms. */
  readonly pollMs?: number
  /** Tables longer than this are left to the tool's events. */
  readonly maxRows?: number
  /** Where procfs is mounted; tests point it at a fixture tree. */
  readonly procDir?: string
  readonly command?: string
  /** This host's addresses, canonical. */
  readonly hostIps?: () => ReadonlySet<string>
}

export function conntrackCollector(options: ConntrackOptions): Collector {
  const { clock, pollMs = POLL_MS, maxRows = MAX_ROWS, procDir = '/proc' } = options
  const { command = 'conntrack', hostIps = ownIps } = options
  const counters = zeroCounters()
  const table = `${procDir}/net/nf_conntrack`
  const setting = (name: string): string | undefined =>
    tryReadKernelFile(`${procDir}/sys/net/netfilter/${name}`)?.trim()
  const isTooLong = (): boolean => Number(setting('nf_conntrack_count') ?? 0) > maxRows
  let isUntracked = false

  async function* poll(signal: AbortSignal, bookmark: Bookmark): AsyncGenerator<Batch> {
    const tracker = conntrackTracker({
      dataset,
      finalSeconds: finalSeconds(setting),
      ...sinceOf(bookmark),
    })
    let malformedBefore = 0
    for await (const atMs of clock.ticks(pollMs, signal)) {
      if (isTooLong()) return
      const { flows, received, malformed } = readTable(table)
      isUntracked = received === 0 && hasConnections(procDir)
      const { events, told } = tracker.look(flows, hostIps(), atMs)
      counters.received += received
      counters.malformed += malformed
      counters.emitted += told
      counters.ignored += received - malformed - told
      const count = malformed - malformedBefore
      malformedBefore = malformed
      const lost: Event[] =
        count > 0 ? [{ kind: 'loss', atMs, dataset, count, reason: 'malformed' }] : []
      if (events.length + lost.length > 0) {
        yield { events: [...events, ...lost], bookmark: String(atMs) }
      }
    }
  }

  return {
    dataset,
    description: `volume of flows in ${table}, every ${pollMs / 1000} s`,
    counters,
    degraded() {
      if (setting('nf_conntrack_acct') === '0') {
        return 'netfilter does not count bytes; run: sysctl -w net.netfilter.nf_conntrack_acct=1'
      }
      return isUntracked
        ? `${table} is empty while connections are open: nothing asks netfilter to track them; add a rule that does, as: nft 'add table inet tidewatch; add chain inet tidewatch out { type filter hook output priority 0; }; add rule inet tidewatch out ct state new,established'`
        : undefined
    },
    async *batches(signal, bookmark) {
      const fault = isTooLong() ? undefined : readingFault(table)
      if (fault === undefined) yield* poll(signal, bookmark)
      else if (codeOf(fault) !== 'ENOENT') {
        throw new SourceError(`${table}: ${faultOf(fault)}`, { remedy: 'run the agent as root' })
      }
      if (signal.aborted || (fault === undefined && !isTooLong())) return
      const tracker = conntrackTracker({ dataset, finalSeconds: finalSeconds(setting) })
      yield* conntrackEvents({ command, dataset, counters, clock, tracker, hostIps }, signal)
    },
  }
}

/** @returns why it can't be read, `undefined` where it can */
function readingFault(table: string): unknown {
  try {
    readKernelFile(table)
    return undefined
  } catch (error) {
    return error
  }
}

function readTable(table: string): {
  flows: readonly ConntrackFlow[]
  received: number
  malformed: number
} {
  let text: string
  try {
    text = readKernelFile(table)
  } catch (cause) {
    throw new SourceError(`${table}: ${faultOf(cause)}`, {
      cause,
      remedy: 'run the agent as root, with the kernel module nf_conntrack loaded',
    })
  }
  const flows: ConntrackFlow[] = []
  let received = 0
  let malformed = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    received++
    const flow = parseConntrackLine(line)
    if (!flow.ok) malformed++
    else if (flow.value !== undefined) flows.push(flow.value)
  }
  return { flows, received, malformed }
}

/** The kernel's time-outs, which an administrator may have changed. */
function finalSeconds(setting: (name: string) => string | undefined): FinalSeconds {
  const states = Object.entries(DEFAULT_FINAL_SECONDS)
  return Object.fromEntries(
    states.map(([state, usual]) => [
      state,
      Number(setting(`nf_conntrack_tcp_timeout_${state.toLowerCase()}`) ?? usual) || usual,
    ]),
  )
}

/** The bookmark is the time of the last poll that told something. */
function sinceOf(bookmark: Bookmark): { sinceMs?: EpochMs } {
  const saved = bookmark.load()
  return saved !== undefined && /^\d+$/.test(saved) ? { sinceMs: Number(saved) } : {}
}

/** Whether this host has an open connection that netfilter ought to know. */
function hasConnections(procDir: string): boolean {
  const rows = (tryReadKernelFile(`${procDir}/net/tcp`) ?? '').split('\n').map(parseProcNetRow)
  return rows.some(
    (row) => row.ok && row.value.state === TCP_STATE.established && !hasNoRemote(row.value),
  )
}

/** The addresses of this host's interfaces. */
const ownIps = (): ReadonlySet<string> =>
  new Set(
    Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.map(({ address }) => address.replace(/%.*$/, '')),
    ),
  )

/**
 * Follows `conntrack -E -e DESTROY`: the last counts of each flow when the kernel forgets it. A child
 * process, for hosts whose kernel has no table in procfs or too long a one.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Batch, Clock, CollectorCounters } from '../collector.ts'
import { codeOf, SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { lineSplitter } from '../shared/lines.ts'
import { parseConntrackLine } from './conntrack.ts'
import type { ConntrackTracker } from './conntrack-tracker.ts'

/** Netlink's receive buffer: 8 MiB hold some 20,000 events that come at once. */
const BUFFER_BYTES = 8 << 20
const ARGUMENTS = ['-E', '-e', 'DESTROY', '-o', 'timestamp', '-b', String(BUFFER_BYTES)]
/** Fixed: a service may be started with any PATH, and root must not run what a user put first. */
const ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
/** What the tool says when the kernel dropped events for want of room. */
const OVERRUN = /ENOBUFS/

export interface ConntrackEventsOptions {
  readonly command: string
  readonly dataset: string
  /** Counts what it reads here. */
  readonly counters: CollectorCounters
  readonly clock: Clock
  readonly tracker: ConntrackTracker
  /** This host's addresses, canonical. */
  readonly hostIps: () => ReadonlySet<string>
}

/**
 * Yields the connections that ended until `signal` aborts.
 * @throws {SourceError} when the program is missing, is refused, or ends
 */
export async function* conntrackEvents(
  options: ConntrackEventsOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { command, dataset, counters, clock, tracker, hostIps } = options
  const child = spawn(command, ARGUMENTS, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ENVIRONMENT,
    signal,
  })
  const ended = endOf(child, command)
  const splitter = lineSplitter()
  let said = ''
  let overruns = 0
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = text.trim().split('\n').at(-1) ?? said
    if (OVERRUN.test(text)) overruns++
  })

  try {
    yield { events: [] }
    for await (const chunk of child.stdout) {
      const atMs = clock.now()
      const ips = hostIps()
      const events: Event[] = []
      for (const line of splitter.push(chunk as Buffer)) {
        const flow = parseConntrackLine(line)
        counters.received++
        if (!flow.ok) {
          counters.malformed++
          events.push({ kind: 'loss', atMs, dataset, count: 1, reason: 'malformed' })
          continue
        }
        const connection = flow.value && tracker.destroyed(flow.value, ips, flow.value.atMs ?? atMs)
        counters[connection === undefined ? 'ignored' : 'emitted']++
        if (connection !== undefined) events.push(connection)
      }
      if (overruns > 0) events.push({ kind: 'loss', atMs, dataset, reason: 'overrun' })
      overruns = 0
      if (events.length > 0) yield { events }
    }
  } catch (error) {
    // The stream of a program that never ran; `ended` tells why.
    if (!signal.aborted && codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    child.kill()
  }
  const reason = await ended
  if (signal.aborted) return
  throw new SourceError(`${command}: ${reason ?? (said || 'ended')}`, {
    remedy:
      reason === undefined
        ? 'run the agent as root, with the kernel module nf_conntrack_netlink loaded'
        : 'install the package conntrack (on Red Hat conntrack-tools)',
  })
}

/** @returns why it never ran; `undefined` where it did and is over */
const endOf = (
  child: ChildProcessByStdio<null, Readable, Readable>,
  command: string,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    child.on('close', () => resolve(undefined))
    child.on('error', (error) =>
      resolve(codeOf(error) === 'ENOENT' ? 'no such program' : `cannot run ${command}`),
    )
  })

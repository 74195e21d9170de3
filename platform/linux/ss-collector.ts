/**
 * Asks `ss` every half minute how much each open TCP connection has carried: the kernel's exact count
 * of payload, for connections that last longer than a poll. Needs neither root nor netfilter. What is
 * over before a poll was never asked for; conntrack's accounting knows those.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Clock, Collector } from '../collector.ts'
import { zeroCounters } from '../collector.ts'
import { codeOf, messageOf, SourceError } from '../errors.ts'
import type { Event } from '../event.ts'
import { userNames } from './passwd-collector.ts'
import { outboundOf, parseSsRow, type SsSocket } from './ss.ts'

const dataset = 'linux.socket_info'

/** A child process costs some 10 ms, and an upload of less than half a minute has its end elsewhere. */
const POLL_MS = 30_000
/** -t TCP, -i counters, -n numbers, -e owner, -H no header, -O one line a socket. */
const ARGUMENTS = ['-tineHO', 'state', 'established', 'state', 'listening'] as const
/** A row is about 600 bytes: room for 100,000 sockets. */
const MAX_OUTPUT_BYTES = 64 << 20

export interface SsOptions {
  readonly clock: Clock
  /** Time between looks, ms. */
  readonly pollMs?: number
  readonly command?: string
  readonly passwdFile?: string
}

export function ssCollector(options: SsOptions): Collector {
  const { clock, pollMs = POLL_MS, command = 'ss', passwdFile } = options
  const counters = zeroCounters()

  return {
    dataset,
    description: `volume of open TCP connections by ${command}, every ${pollMs / 1000} s`,
    counters,
    async *batches(signal) {
      const users = userNames(passwdFile)
      /** What was told of each connection, to tell it again only when it has changed. */
      let told = new Map<string, string>()
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const lines = await rowsOf(command, signal)
        if (lines === undefined) return
        const rows = lines.map(parseSsRow)
        const outbound = outboundOf(rows.flatMap((row) => (row.ok ? [row.value] : [])))
        const fresh = outbound.filter((socket) => told.get(keyOf(socket)) !== countsOf(socket))
        told = new Map(outbound.map((socket) => [keyOf(socket), countsOf(socket)]))
        users.refresh()
        const events = fresh.map(
          ({ source, destination, uid, ackedBytes, receivedBytes }): Event => ({
            kind: 'connection',
            phase: 'progress',
            atMs,
            dataset,
            transport: 'tcp',
            source,
            destination,
            user: users.userOf(uid),
            ...(ackedBytes !== undefined && { sentBytes: ackedBytes }),
            ...(receivedBytes !== undefined && { receivedBytes }),
          }),
        )
        const count = rows.filter((row) => !row.ok).length
        if (count > 0) events.push({ kind: 'loss', atMs, dataset, count, reason: 'malformed' })
        counters.received += rows.length
        counters.malformed += count
        counters.emitted += fresh.length
        counters.ignored += rows.length - count - fresh.length
        if (events.length > 0) yield { events }
      }
    },
  }
}

const keyOf = ({ source, destination, inode }: SsSocket): string =>
  `${source.ip} ${source.port} ${destination.ip} ${destination.port} ${inode}`

const countsOf = ({ ackedBytes, receivedBytes }: SsSocket): string =>
  `${ackedBytes} ${receivedBytes}`

/** @returns `undefined` where `signal` ended it */
async function rowsOf(
  command: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ARGUMENTS, {
      signal,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { LC_ALL: 'C', PATH: SEARCH_PATH },
    })
    return stdout.split('\n').filter((line) => line.trim() !== '')
  } catch (cause) {
    if (signal.aborted) return undefined
    if (codeOf(cause) === 'ENOENT') {
      throw new SourceError(`${command}: no such program`, {
        cause,
        remedy: 'install iproute2 5.2 or later (package iproute2, on Red Hat iproute)',
      })
    }
    const [, reason = messageOf(cause)] = messageOf(cause).split('\n')
    throw new SourceError(`${command}: ${reason}`, {
      cause,
      remedy: 'install iproute2 5.2 or later',
    })
  }
}

/** Fixed: a service may be started with any PATH, and root must not run what a user put first. */
const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

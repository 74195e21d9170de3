/**
 * Asks `lsof` every few seconds which process has which connection: the one source on macOS that tells
 * process and address in clear without a kernel extension. What opens and closes between two looks is not
 * seen here; the unified log tells of it, masked.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import { codeOf, messageOf, SourceError } from '../errors.ts'
import type { Connection, Event } from '../event.ts'
import { LSOF_ARGUMENTS, parseLsof } from './lsof.ts'
import { lsofTracker, type OpenSocket } from './lsof-tracker.ts'

const dataset = 'macos.lsof'

/** A look asks the kernel for the open files of every process: some 50 ms. */
const POLL_MS = 5_000
/** A look that takes longer hangs, ms. */
const TIMEOUT_MS = 20_000
/** A socket is some 80 bytes: room for a hundred thousand. */
const MAX_OUTPUT_BYTES = 16 << 20

export interface LsofOptions {
  readonly clock: Clock
  /** Its own connections are not told. */
  readonly ownPid: number
  /** Time between looks, ms. */
  readonly pollMs?: number
  readonly timeoutMs?: number
  readonly command?: string
}

export function lsofCollector(options: LsofOptions): Collector {
  const { clock, ownPid, pollMs = POLL_MS, timeoutMs = TIMEOUT_MS } = options
  const { command = '/usr/sbin/lsof' } = options
  const counters = zeroCounters()

  return {
    dataset,
    description: `open connections by ${command}, every ${pollMs / 1000} s`,
    counters,
    seesConnections: true,
    async *batches(signal) {
      const tracker = lsofTracker()
      let isFirst = true
      let malformedBefore = 0
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const text = await listing(command, timeoutMs, signal)
        if (text === undefined) return
        const { sockets, malformed } = parseLsof(text)
        const { opened, ended } = tracker.look(sockets)
        const events: Event[] = [
          ...ended.map((socket) => toEvent(socket, 'end', atMs)),
          ...opened.map((socket) => toEvent(socket, isFirst ? 'progress' : 'start', atMs)),
        ].filter(({ process }) => process?.pid !== ownPid)
        isFirst = false
        counters.received += sockets.length + malformed
        counters.emitted += opened.length
        counters.ignored += sockets.length - opened.length
        counters.malformed += malformed
        // A socket that cannot be read stays: it is told when it comes, not at every look.
        const count = malformed - malformedBefore
        malformedBefore = malformed
        if (count > 0) events.push({ kind: 'loss', atMs, dataset, count, reason: 'malformed' })
        if (events.length > 0) yield { events }
      }
    },
  }
}

function toEvent(socket: OpenSocket, phase: Connection['phase'], atMs: number): Connection {
  const { transport, source, destination, process } = socket
  return { kind: 'connection', phase, atMs, dataset, transport, source, destination, process }
}

/** @returns `undefined` where `signal` ended it */
async function listing(
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, LSOF_ARGUMENTS, {
      signal,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    return stdout
  } catch (cause) {
    if (signal.aborted) return undefined
    if (codeOf(cause) === 'ENOENT') {
      const remedy = 'lsof comes with macOS; on other systems install lsof'
      throw new SourceError(`${command}: no such program`, { cause, remedy })
    }
    const { code, stdout, stderr, killed } = cause as ExecFailure
    // It ends with 1 also where there are no sockets, or where one process could not be looked at.
    if (code === 1 && !killed && (stdout || !stderr)) return stdout ?? ''
    const said = stderr?.trim().split('\n').at(-1)
    const reason = killed ? `no answer in ${timeoutMs / 1000} s` : said || messageOf(cause)
    throw new SourceError(`${command}: ${reason}`, { cause, remedy: 'run tidewatch as root' })
  }
}

interface ExecFailure {
  readonly code?: number | string
  readonly stdout?: string
  readonly stderr?: string
  readonly killed?: boolean
}

/**
 * Follows the journal through `journalctl`, since its files can't be read without systemd's library:
 * jobs that cron logs, and services that a timer starts.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import { codeOf, SourceError } from '../errors.ts'
import type { EpochMs, Event } from '../event.ts'
import { lineSplitter } from '../shared/lines.ts'
import { parseJournalEntry, UNIT_MESSAGES } from './journal.ts'

const dataset = 'linux.journal'

/** Tags of the schedulers; the path is what Debian's cron wrote in the past. */
const TAGS = ['CRON', 'CROND', 'crond', 'cron', 'anacron', '/USR/SBIN/CRON']
/** What journalctl says on its way out is told up to here, characters. */
const MAX_COMPLAINT = 300

export interface JournalOptions {
  readonly clock: Clock
  /** The timer that starts a service, by the service's name: `schedule-collector.ts` knows. */
  readonly timerOf: (service: string) => string | undefined
  /** The program and its first arguments; tests put another there. */
  readonly command?: readonly [string, ...string[]]
}

export function journalCollector({
  clock,
  timerOf,
  command = ['journalctl'],
}: JournalOptions): Collector {
  const counters = zeroCounters()
  /** The last start told of each timer. */
  const invocations = new Map<string, string>()

  function eventsOf(lines: readonly string[]): { events: Event[]; cursor: string | undefined } {
    const events: Event[] = []
    let cursor: string | undefined
    let malformed = 0
    for (const line of lines) {
      if (line === '') continue
      counters.received++
      const entry = parseJournalEntry(line, timerOf)
      if (!entry.ok) {
        malformed++
        continue
      }
      cursor = entry.value.cursor
      const { run, invocation } = entry.value
      if (run === undefined || (invocation !== undefined && isKnown(run.scheduleId, invocation))) {
        counters.ignored++
        continue
      }
      counters.emitted++
      events.push({ ...run, dataset })
    }
    counters.malformed += malformed
    if (malformed > 0) events.push(malformedLoss(clock.now(), malformed))
    return { events, cursor }
  }

  function isKnown(timer = '', invocation: string): boolean {
    if (invocations.get(timer) === invocation) return true
    invocations.set(timer, invocation)
    return false
  }

  return {
    dataset,
    description: 'jobs that cron logs to the journal, and services that timers start',
    counters,
    async *batches(signal, bookmark) {
      const [program, ...first] = command
      const args = [...first, ...journalArguments(bookmark.load())]
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal })
      const end = watch(child)
      const splitter = lineSplitter()
      try {
        yield { events: [] }
        for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
          const { events, cursor } = eventsOf(splitter.push(chunk))
          if (cursor !== undefined) yield { events, bookmark: cursor }
          else if (events.length > 0) yield { events }
        }
      } finally {
        child.kill()
      }
      const complaint = await end
      if (signal.aborted) return
      throw new SourceError(`${program}: ${complaint}`, { remedy: REMEDY })
    },
  }
}

const REMEDY =
  'install systemd (journalctl) and run as root or as a member of the group systemd-journal, or let syslog write a cron log'

function journalArguments(cursor: string | undefined): string[] {
  // In follow mode only the last ten entries are shown without --no-tail, also behind a cursor.
  const from = cursor === undefined ? ['--lines=0'] : [`--after-cursor=${cursor}`, '--no-tail']
  const tags = TAGS.map((tag) => `SYSLOG_IDENTIFIER=${tag}`)
  const units = UNIT_MESSAGES.map((id) => `MESSAGE_ID=${id}`)
  return ['--output=json', '--quiet', '--follow', ...from, ...tags, '+', '_PID=1', ...units]
}

/** Settles when the child is gone, with the reason; never rejects. */
function watch(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, MAX_COMPLAINT)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve(codeOf(error) === 'ENOENT' ? 'no such program' : error.message)
    })
    child.on('close', (code, signal) => {
      const line = complaint.trim().split('\n').at(-1)
      resolve(line || `ended with ${code ?? signal}`)
    })
  })
}

const malformedLoss = (atMs: EpochMs, count: number): Event => ({
  kind: 'loss',
  atMs,
  dataset,
  count,
  reason: 'malformed',
})

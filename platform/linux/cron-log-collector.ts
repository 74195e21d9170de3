/**
 * Follows the log that cron writes to: its own, or the one of the whole system.
 *
 * What a text file can't tell is who wrote a line: `logger -t CRON` writes the same. The journal can.
 */
import { stat } from 'node:fs/promises'
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import { SourceError } from '../errors.ts'
import type { EpochMs, Event, Loss } from '../event.ts'
import { tail } from '../shared/tail.ts'
import { parseCronLine } from './cron-log.ts'

const dataset = 'linux.cron_log'

/** Red Hat and those who asked Debian's rsyslog for it have a file of cron alone. */
export const CRON_LOGS = [
  '/var/log/cron.log',
  '/var/log/cron',
  '/var/log/syslog',
  '/var/log/messages',
]

export interface CronLogOptions {
  readonly clock: Clock
  /** Time between looks at the file, ms. */
  readonly pollMs: number
  /** The first of these that exists is followed. */
  readonly paths?: readonly string[]
  /** Zone that traditional stamps are written in, IANA; `undefined` is this host's. */
  readonly timeZone?: string
}

export function cronLogCollector(options: CronLogOptions): Collector {
  const { clock, pollMs, paths = CRON_LOGS } = options
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const counters = zeroCounters()

  /** The events of one chunk; what can't be read is counted and told once. */
  function eventsOf(lines: readonly string[], mayBeUndated: boolean, nowMs: EpochMs): Event[] {
    const events: Event[] = []
    let malformed = 0
    for (const line of lines) {
      if (line === '') continue
      counters.received++
      const run = parseCronLine(line, { nowMs, timeZone, mayBeUndated })
      if (!run.ok) malformed++
      else if (run.value === undefined) counters.ignored++
      else {
        counters.emitted++
        events.push({ ...run.value, dataset })
      }
    }
    counters.malformed += malformed
    return malformed === 0 || !mayBeUndated
      ? events
      : [...events, loss(nowMs, 'malformed', { count: malformed })]
  }

  return {
    dataset,
    description: `jobs that cron logs, in the first of ${paths.join(', ')}`,
    counters,
    async *batches(signal, bookmark) {
      const path = await firstOf(paths)
      const saved = parseBookmark(bookmark.load(), path)
      // A log of the whole system has lines of many forms: what is none of ours is no loss.
      const mayBeUndated = path.slice(path.lastIndexOf('/')).includes('cron')
      let lastMs = saved?.atMs ?? clock.now()
      const position = saved === undefined ? {} : { position: saved.position }
      for await (const chunk of tail({ path, clock, pollMs, from: 'end', ...position }, signal)) {
        const nowMs = clock.now()
        const events = eventsOf(chunk.lines, mayBeUndated, nowMs)
        if (chunk.isBroken) events.unshift(loss(nowMs, 'sequence-gap', { fromMs: lastMs }))
        lastMs = nowMs
        yield { events, bookmark: JSON.stringify([path, chunk.position, nowMs]) }
      }
    },
  }
}

const loss = (
  atMs: EpochMs,
  reason: Loss['reason'],
  facts: Pick<Loss, 'count' | 'fromMs'>,
): Loss => ({ kind: 'loss', atMs, dataset, reason, ...facts })

async function firstOf(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isFile) return path
  }
  throw new SourceError(`${paths.join(', ')}: no such file`, {
    remedy: 'let syslog write the cron facility to /var/log/cron.log, or use the journal',
  })
}

/** A bookmark of another file says nothing of this one. */
function parseBookmark(
  text: string | undefined,
  path: string,
): { position: string; atMs: EpochMs } | undefined {
  if (text === undefined) return undefined
  try {
    const [savedPath, position, atMs] = JSON.parse(text)
    return savedPath === path && typeof position === 'string' && typeof atMs === 'number'
      ? { position, atMs }
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Watches job definitions: cron, anacron, at and systemd timers. Told at the start as found, or as
 * what changed while the agent was away; then each creation, change and deletion.
 *
 * Polls: a look is a `stat` of some dozens of files, and a text is read only when it has changed. A job
 * that was written and removed between two looks is not seen here; that it ran, others see.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Schedule, ScheduleChange } from '../event.ts'
import { scheduleChanges } from '../shared/schedule-changes.ts'
import { scheduleFiles } from './schedule-files-collector.ts'
import { type Scan, scanSchedules } from './schedule-scan-collector.ts'

const dataset = 'linux.schedules'

/** Seldom enough to cost nothing, often enough for a job that is written to run at the next minute. */
export const SCHEDULE_POLL_MS = 15_000

export interface ScheduleOptions {
  readonly clock: Clock
  /** Time between looks, ms. */
  readonly pollMs?: number
  /** What stands for `/`. */
  readonly rootDir?: string
  /** The store's, of an earlier run: what differs from it changed while the agent was away. */
  readonly known?: readonly Schedule[]
}

export interface ScheduleCollector extends Collector {
  /** The id of the timer that starts a service; `undefined` for services without one. */
  timerOf(service: string): string | undefined
}

export function scheduleCollector(options: ScheduleOptions): ScheduleCollector {
  const { clock, pollMs = SCHEDULE_POLL_MS, rootDir = '/', known = [] } = options
  const counters = zeroCounters()
  const files = scheduleFiles(rootDir)
  let scan: Scan | undefined
  let last: ReadonlyMap<string, Schedule> | undefined =
    known.length === 0 ? undefined : new Map(known.map((schedule) => [schedule.id, schedule]))

  function changesOf(now: Scan, atMs: number): ScheduleChange[] {
    // Of what lies in a place that can't be read now, nothing is known: it is not gone.
    const isKept = ({ file = '' }: Schedule) =>
      now.unreadable.some((place) => file === place || file.startsWith(`${place}/`))
    if (last !== undefined) return scheduleChanges(last, now.schedules, isKept, atMs, dataset)
    return Array.from(now.schedules.values(), (schedule) => {
      return { kind: 'schedule-change', atMs, dataset, change: 'found', schedule }
    })
  }

  /** A record is a change: what stayed as it was is not counted again at each look. */
  function count(events: readonly ScheduleChange[], now: Scan): void {
    const before = scan?.malformed ?? []
    const malformed = now.malformed.filter((complaint) => !before.includes(complaint)).length
    counters.received += events.length + malformed
    counters.emitted += events.length
    counters.malformed += malformed
  }

  return {
    dataset,
    description: 'job definitions of cron, anacron, at and systemd timers',
    counters,
    degraded: () => complaintOf(scan),
    timerOf: (service) => scan?.timers.get(service),
    async *batches(signal) {
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const now = await scanSchedules(files)
        const events = changesOf(now, atMs)
        count(events, now)
        // What could not be read keeps its place, or it would be new when it can be read again.
        last = withKept(last, now, events)
        const isFirst = scan === undefined
        scan = now
        if (events.length > 0 || isFirst) yield { events }
        if (signal.aborted) return
      }
    },
  }
}

function withKept(
  last: ReadonlyMap<string, Schedule> | undefined,
  now: Scan,
  events: readonly ScheduleChange[],
): ReadonlyMap<string, Schedule> {
  const gone = new Set(
    events.filter(({ change }) => change === 'deletion').map(({ schedule }) => schedule.id),
  )
  const kept = [...(last ?? [])].filter(([id]) => !gone.has(id) && !now.schedules.has(id))
  return new Map([...kept, ...now.schedules])
}

function complaintOf(scan: Scan | undefined): string | undefined {
  if (scan === undefined) return undefined
  const [place, ...others] = scan.unreadable
  if (place !== undefined) {
    const more = others.length > 0 ? ` and ${others.length} other places` : ''
    return `${place}${more}: may not be read; run as root to see the jobs in it`
  }
  const [line, ...lines] = scan.malformed
  if (line === undefined) return undefined
  const more = lines.length > 0 ? ` (and ${lines.length} more)` : ''
  return `${line}${more}: such a job does not run; correct or remove it`
}

/**
 * Watches launchd's property lists. Told at the start as found, or as what changed while the agent was
 * away; then each creation, change and deletion.
 *
 * Polls: a look is a `stat` of some hundred files. A job that was written and removed between two looks
 * is not seen here; that it ran, eslogger sees.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Schedule, ScheduleChange } from '../event.ts'
import { scheduleChanges } from '../shared/schedule-changes.ts'
import { type LaunchdScan, launchdFiles } from './launchd-files-collector.ts'

const dataset = 'macos.launchd'

/** Seldom enough to cost nothing, often enough for a job that is loaded as soon as it is written. */
const POLL_MS = 15_000

export interface LaunchdJobsOptions {
  readonly clock: Clock
  /** Time between looks, ms. */
  readonly pollMs?: number
  /** What stands for `/`. */
  readonly rootDir?: string
  /** The store's, of an earlier run: what differs from it changed while the agent was away. */
  readonly known?: readonly Schedule[]
}

export interface LaunchdJobsCollector extends Collector {
  /** Whether a label is one of the jobs that are told of. */
  isJob(label: string): boolean
}

export function launchdJobsCollector(options: LaunchdJobsOptions): LaunchdJobsCollector {
  const { clock, pollMs = POLL_MS, rootDir = '/', known = [] } = options
  const counters = zeroCounters()
  const files = launchdFiles(rootDir)
  let scan: LaunchdScan | undefined
  let last: ReadonlyMap<string, Schedule> | undefined =
    known.length === 0 ? undefined : new Map(known.map((schedule) => [schedule.id, schedule]))

  function changesOf(now: LaunchdScan, atMs: number): ScheduleChange[] {
    // Of what lies in a place that can't be read now, nothing is known: it is not gone.
    const isKept = ({ file = '' }: Schedule) =>
      now.unreadable.some((place) => file === place || file.startsWith(`${place}/`))
    if (last !== undefined) return scheduleChanges(last, now.schedules, isKept, atMs, dataset)
    return Array.from(now.schedules.values(), (schedule) => {
      return { kind: 'schedule-change', atMs, dataset, change: 'found', schedule }
    })
  }

  /** A record is a change: what stayed as it was is not counted again at each look. */
  function count(events: readonly ScheduleChange[], now: LaunchdScan): void {
    const before = scan?.malformed ?? []
    const malformed = now.malformed.filter((complaint) => !before.includes(complaint)).length
    counters.received += events.length + malformed
    counters.emitted += events.length
    counters.malformed += malformed
  }

  return {
    dataset,
    description: 'job definitions of launchd',
    counters,
    degraded: () => complaintOf(scan),
    isJob: (label) => last?.has(label) ?? false,
    async *batches(signal) {
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const now = await files.scan()
        const events = changesOf(now, atMs)
        count(events, now)
        last = withKept(last, now, events)
        const isFirst = scan === undefined
        scan = now
        if (events.length > 0 || isFirst) yield { events }
        if (signal.aborted) return
      }
    },
  }
}

/** What could not be read keeps its place, or it would be new when it can be read again. */
function withKept(
  last: ReadonlyMap<string, Schedule> | undefined,
  now: LaunchdScan,
  events: readonly ScheduleChange[],
): ReadonlyMap<string, Schedule> {
  const gone = new Set(
    events.filter(({ change }) => change === 'deletion').map(({ schedule }) => schedule.id),
  )
  const kept = [...(last ?? [])].filter(([id]) => !gone.has(id) && !now.schedules.has(id))
  return new Map([...kept, ...now.schedules])
}

function complaintOf(scan: LaunchdScan | undefined): string | undefined {
  const [place, ...others] = scan?.unreadable ?? []
  if (place !== undefined) {
    const more = others.length > 0 ? ` and ${others.length} other places` : ''
    return `${place}${more}: may not be read; run as root and grant Full Disk Access`
  }
  const [file, ...files] = scan?.malformed ?? []
  if (file === undefined) return undefined
  const more = files.length > 0 ? ` (and ${files.length} more)` : ''
  return `${file}${more}: launchd does not start it; correct or remove it`
}

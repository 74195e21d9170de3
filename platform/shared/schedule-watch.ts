/**
 * What a collector of job definitions remembers from look to look: the jobs that are there, what it
 * has told of them, and what it complains of. Pure but for its own state; the looks are handed in.
 */
import type { CollectorCounters } from '../collector.ts'
import type { EpochMs, Schedule, ScheduleChange } from '../event.ts'
import { scheduleChanges } from './schedule-changes.ts'

/** One look at all places where jobs are written. */
export interface ScheduleLook {
  /** By id. */
  readonly schedules: ReadonlyMap<string, Schedule>
  /** Places that may not be read: of what lies in them, nothing is known. */
  readonly unreadable: readonly string[]
  /** Definitions that are none, each named by its place. */
  readonly malformed: readonly string[]
}

export interface ScheduleWatchOptions {
  readonly dataset: string
  readonly counters: CollectorCounters
  /** The store's, of an earlier run: what differs from it changed while the agent was away. */
  readonly known: readonly Schedule[]
  /** What to do about a place that may not be read, and about a definition that is none. */
  readonly remedies: { readonly unreadable: string; readonly malformed: string }
}

export interface ScheduleWatch<Look extends ScheduleLook> {
  /** What changed since the last look; counts it. */
  changesOf(now: Look, atMs: EpochMs): readonly ScheduleChange[]
  /** The last look; `undefined` before the first. */
  readonly look: Look | undefined
  /** Whether a job is there, or was when its place could last be read. */
  has(id: string): boolean
  /** Why less is seen than could be, with the remedy; `undefined` when all is well. */
  complaint(): string | undefined
}

export function scheduleWatch<Look extends ScheduleLook>({
  dataset,
  counters,
  known,
  remedies,
}: ScheduleWatchOptions): ScheduleWatch<Look> {
  let look: Look | undefined
  let last: ReadonlyMap<string, Schedule> | undefined =
    known.length === 0 ? undefined : new Map(known.map((schedule) => [schedule.id, schedule]))

  function differences(now: Look, atMs: EpochMs): ScheduleChange[] {
    // Of what lies in a place that can't be read now, nothing is known: it is not gone.
    const isKept = ({ file = '' }: Schedule) =>
      now.unreadable.some((place) => file === place || file.startsWith(`${place}/`))
    if (last !== undefined) return scheduleChanges(last, now.schedules, isKept, atMs, dataset)
    return Array.from(now.schedules.values(), (schedule) => {
      return { kind: 'schedule-change', atMs, dataset, change: 'found', schedule }
    })
  }

  /** A record is a change: what stayed as it was is not counted again at each look. */
  function count(events: readonly ScheduleChange[], now: Look): void {
    const before = look?.malformed ?? []
    const malformed = now.malformed.filter((complaint) => !before.includes(complaint)).length
    counters.received += events.length + malformed
    counters.emitted += events.length
    counters.malformed += malformed
  }

  return {
    changesOf(now, atMs) {
      const events = differences(now, atMs)
      count(events, now)
      last = withKept(last, now, events)
      look = now
      return events
    },
    get look() {
      return look
    },
    has: (id) => last?.has(id) ?? false,
    complaint() {
      const [place, ...others] = look?.unreadable ?? []
      if (place !== undefined) {
        const more = others.length > 0 ? ` and ${others.length} other places` : ''
        return `${place}${more}: ${remedies.unreadable}`
      }
      const [first, ...rest] = look?.malformed ?? []
      if (first === undefined) return undefined
      const more = rest.length > 0 ? ` (and ${rest.length} more)` : ''
      return `${first}${more}: ${remedies.malformed}`
    },
  }
}

/** What could not be read keeps its place, or it would be new when it can be read again. */
function withKept(
  last: ReadonlyMap<string, Schedule> | undefined,
  now: ScheduleLook,
  events: readonly ScheduleChange[],
): ReadonlyMap<string, Schedule> {
  const gone = new Set(
    events.filter(({ change }) => change === 'deletion').map(({ schedule }) => schedule.id),
  )
  const kept = [...(last ?? [])].filter(([id]) => !gone.has(id) && !now.schedules.has(id))
  return new Map([...kept, ...now.schedules])
}

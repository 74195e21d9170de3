/**
 * Watches job definitions: cron, anacron, at and systemd timers. Told at the start as found, or as
 * what changed while the agent was away; then each creation, change and deletion.
 *
 * Polls: a look is a `stat` of some dozens of files, and a text is read only when it has changed. A job
 * that was written and removed between two looks is not seen here; that it ran, others see.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Schedule } from '../event.ts'
import { scheduleFiles } from '../shared/schedule-files-collector.ts'
import { scheduleWatch } from '../shared/schedule-watch.ts'
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
  const watch = scheduleWatch<Scan>({
    ...{ dataset, counters, known },
    remedies: {
      unreadable: 'may not be read; run as root to see the jobs in it',
      malformed: 'such a job does not run; correct or remove it',
    },
  })

  return {
    dataset,
    description: 'job definitions of cron, anacron, at and systemd timers',
    counters,
    degraded: watch.complaint,
    timerOf: (service) => watch.look?.timers.get(service),
    async *batches(signal) {
      const files = scheduleFiles(rootDir)
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const found = await scanSchedules(files)
        if (signal.aborted) return
        const isFirst = watch.look === undefined
        const events = watch.changesOf(found, atMs)
        if (events.length > 0 || isFirst) yield { events }
      }
    },
  }
}

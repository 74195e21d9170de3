/**
 * Watches launchd's property lists. Told at the start as found, or as what changed while the agent was
 * away; then each creation, change and deletion.
 *
 * Polls: a look is a `stat` of some hundred files. A job that was written and removed between two looks
 * is not seen here; that it ran, eslogger sees.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Schedule } from '../event.ts'
import { scheduleWatch } from '../shared/schedule-watch.ts'
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
  const watch = scheduleWatch<LaunchdScan>({
    ...{ dataset, counters, known },
    remedies: {
      unreadable: 'may not be read; run as root and grant Full Disk Access',
      malformed: 'launchd does not start it; correct or remove it',
    },
  })

  return {
    dataset,
    description: 'job definitions of launchd',
    counters,
    degraded: watch.complaint,
    isJob: watch.has,
    async *batches(signal) {
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const isFirst = watch.look === undefined
        const events = watch.changesOf(await files.scan(), atMs)
        if (events.length > 0 || isFirst) yield { events }
        if (signal.aborted) return
      }
    },
  }
}

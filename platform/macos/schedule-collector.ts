/**
 * Watches job definitions: launchd's property lists and what launchd has loaded, crontabs, at jobs and
 * periodic. Told at the start as found, or as what changed while the agent was away; then each creation,
 * change and deletion.
 *
 * Polls: a look is a `stat` of some hundred files, and once a minute a question to launchd. A job that
 * was written, loaded and removed between two looks is not seen here; that it ran, eslogger sees.
 */
import { type Clock, type Collector, zeroCounters } from '../collector.ts'
import type { Schedule } from '../event.ts'
import { scheduleFiles } from '../shared/schedule-files-collector.ts'
import { scheduleWatch } from '../shared/schedule-watch.ts'
import { scanCron } from './cron-scan-collector.ts'
import { launchdFiles } from './launchd-files-collector.ts'
import { loadedJobs } from './loaded-jobs-collector.ts'

const dataset = 'macos.schedules'

/** Seldom enough to cost nothing, often enough for a job that is loaded as soon as it is written. */
const POLL_MS = 15_000

export interface ScheduleOptions {
  readonly clock: Clock
  /** Time between looks, ms. */
  readonly pollMs?: number
  /** What stands for `/`. */
  readonly rootDir?: string
  /** The program; tests put another there. */
  readonly launchctl?: string
  /** The store's, of an earlier run: what differs from it changed while the agent was away. */
  readonly known?: readonly Schedule[]
}

export interface ScheduleCollector extends Collector {
  /** Whether a label is one of the jobs that are told of. */
  isJob(label: string): boolean
}

export function scheduleCollector(options: ScheduleOptions): ScheduleCollector {
  const { clock, pollMs = POLL_MS, rootDir = '/', known = [] } = options
  const { launchctl = '/bin/launchctl' } = options
  const counters = zeroCounters()
  const lists = launchdFiles(rootDir)
  const texts = scheduleFiles(rootDir)
  const loaded = loadedJobs(launchctl)
  const watch = scheduleWatch({
    ...{ dataset, counters, known },
    remedies: {
      unreadable: `may not be read; run as root and switch on Full Disk Access for tidewatch`,
      malformed: 'such a job does not run; correct or remove it',
    },
  })

  async function look(atMs: number, signal: AbortSignal) {
    const launchd = await lists.scan()
    const cron = await scanCron(texts, [...launchd.schedules.values()])
    const jobs = await loaded.join(launchd, atMs, signal)
    const lines = cron.schedules.map((schedule) => [schedule.id, schedule] as const)
    return {
      schedules: new Map([...jobs, ...lines]),
      unreadable: [...launchd.unreadable, ...texts.unreadable],
      malformed: [...launchd.malformed, ...cron.malformed],
    }
  }

  return {
    dataset,
    description: 'job definitions of launchd, cron, at and periodic',
    counters,
    degraded: () => watch.complaint() ?? loaded.complaint(),
    isJob: watch.has,
    async *batches(signal) {
      for await (const atMs of clock.ticks(pollMs, signal)) {
        const isFirst = watch.look === undefined
        const found = await look(atMs, signal)
        // A look that was cut short knows nothing of what is loaded.
        if (signal.aborted) return
        const events = watch.changesOf(found, atMs)
        if (events.length > 0 || isFirst) yield { events }
      }
    },
  }
}

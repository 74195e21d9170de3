/**
 * Does the series follow a job that the host is known to have? Its fire times are handed in; a run
 * that starts within minutes of one, again and again, is the job's. The chance of that is known
 * exactly (the share of time that lies so soon after a fire time), so few beats confirm a rare job,
 * and a job that fires each minute confirms nothing.
 */
import type { Schedule } from '../../platform/event.ts'
import type { JobTimes } from './assess.ts'
import { everyForm, plusMinus } from './form.ts'
import type { Rhythm, View } from './rhythm.ts'
import { blindMs } from './runs.ts'
import { quantile, surpriseNats } from './stats.ts'
import { DAY } from './zone.ts'

const MINUTE = 60_000
/** How late a run may be for a job without a random delay of its own. */
const LATENESS_MS = [10_000, MINUTE, 3 * MINUTE, 10 * MINUTE]
/** Clocks of two sources differ by this much. */
const EARLY_MS = 2000
/** Half of what a person's routine spans; a daily job must beat that, not the whole day. */
const ROUTINE_MS = 90 * MINUTE
/** All of a brief series may lie behind one fire time of a rare job: that is once, however many runs. */
const MIN_FIRES = 3
/** Fire times asked of one job: more cannot say more than these. */
const MAX_FIRES = 4096
const PROBE_MS = 2 * 3_600_000
/** A job that fires less often than this before the first run is first met by a later one. */
const LOOK_BACK_MS = 2 * DAY

export function scheduleRhythm(view: View, jobs: readonly JobTimes[]): Rhythm | undefined {
  let best: Rhythm | undefined
  for (const job of jobs) {
    const found = follows(view, job, jobs.length)
    if (found !== undefined && (best === undefined || found.nats > best.nats)) best = found
  }
  return best
}

function follows(view: View, job: JobTimes, jobs: number): Rhythm | undefined {
  const { runs } = view
  const n = runs.length
  const firstMs = runs[0] as number
  const lastMs = runs[n - 1] as number
  // A job that fires each minute has half a million fire times a year: ask how often before all.
  const lately = job.times(lastMs - PROBE_MS, lastMs).length
  if ((lately * (lastMs - firstMs)) / PROBE_MS > MAX_FIRES) return undefined
  const fires = job.times(firstMs - LOOK_BACK_MS, lastMs + EARLY_MS)
  if (fires.length === 0 || fires.length > 2 * MAX_FIRES) return undefined
  const delays = new Float64Array(n)
  const fireOf = new Int32Array(n)
  for (let i = 0, f = -1; i < n; i++) {
    const at = (runs[i] as number) + EARLY_MS
    while (f + 1 < fires.length && (fires[f + 1] as number) <= at) f++
    delays[i] = f < 0 ? Number.POSITIVE_INFINITY : at - (fires[f] as number)
    fireOf[i] = f
  }
  const periodMs = typicalPeriod(fires)
  const own = job.schedule.timing
  const randomDelay = own !== undefined && own.kind !== 'once' ? (own.randomDelayMs ?? 0) : 0
  const lateness = randomDelay > 0 ? [...LATENESS_MS, randomDelay + MINUTE] : LATENESS_MS
  let lateMs = 0
  let nats = 0
  for (const late of lateness) {
    const within = late + EARLY_MS
    if (within * 3 > periodMs) continue
    let hits = 0
    let firesHit = 0
    let lastFire = -1
    for (let i = 0; i < n; i++) {
      if ((delays[i] as number) > within) continue
      hits++
      if (fireOf[i] !== lastFire) firesHit++
      lastFire = fireOf[i] as number
    }
    if (firesHit < MIN_FIRES) continue
    // People meet a rare job's hour by habit: near it they are anywhere within their routine.
    const chance = Math.max(
      within / periodMs,
      within / ROUTINE_MS / (periodMs >= DAY / 4 ? 1 : 1e9),
    )
    const surprise = surpriseNats(hits, n, chance) - Math.log(jobs * lateness.length)
    if (surprise > nats) {
      nats = surprise
      lateMs = within
    }
  }
  if (nats <= 0) return undefined
  const explains = new Uint8Array(n)
  const late: number[] = []
  for (let i = 0; i < n; i++) {
    if ((delays[i] as number) > lateMs) continue
    explains[i] = 1
    late.push(delays[i] as number)
  }
  late.sort((a, b) => a - b)
  const expected = fires.filter(
    (at) => at + lateMs >= firstMs && at <= lastMs && blindMs(view.blind, at, at + lateMs) === 0,
  ).length
  const spread = quantile(late, 0.975) - quantile(late, 0.025)
  const [next] = job.times(lastMs + EARLY_MS, lastMs + EARLY_MS + 2 * periodMs + DAY)
  return {
    model: periodMs >= DAY ? 'calendar' : 'clock',
    periodMs,
    form: `${everyForm(periodMs)} as ${jobName(job.schedule)} fires${plusMinus(spread / 2)}`,
    jitter: Math.min(1, spread / 2 / periodMs),
    beats: late.length,
    coverage: Math.min(1, late.length / Math.max(1, expected)),
    missedRatio: 1 - Math.min(1, late.length / Math.max(1, expected)),
    share: late.length / n,
    nats,
    renewalNats: 0,
    explains,
    next: {
      atMs: (next ?? lastMs + periodMs) + quantile(late, 0.5),
      toleranceMs: Math.max(1000, lateMs / 2),
    },
    schedule: job.schedule,
  }
}

/** Median spacing of the fire times. */
function typicalPeriod(fires: readonly number[]): number {
  const spacings = fires.slice(1).map((at, i) => at - (fires[i] as number))
  return spacings.length === 0
    ? 31 * DAY
    : quantile(
        spacings.sort((a, b) => a - b),
        0.5,
      )
}

/** A timer or task has a name; a crontab line is known by its five fields. */
function jobName({ id, scheduler, trigger }: Schedule): string {
  const isLine = scheduler === 'cron' || scheduler === 'anacron' || scheduler === 'at'
  return isLine ? `${scheduler} ${trigger ?? 'job'}` : id
}

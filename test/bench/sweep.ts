/**
 * Many series on disk (a hundred transfers each), all of them due at once, as after a start: how long the sweep takes, and how
 * long it holds up the event loop at a time; then a day of theirs: one transfer more of each, ten
 * minutes of them at a time, stored and assessed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAnalyst } from '../../agent/analyst.ts'
import { createCorrelator } from '../../agent/correlate/correlator.ts'
import { destinations } from '../../agent/destinations.ts'
import { dueBook } from '../../agent/detect/due.ts'
import { compileRiskOptions } from '../../agent/detect/risk.ts'
import { createPipeline, type Pipeline } from '../../agent/pipeline.ts'
import { createRecorder } from '../../agent/recorder.ts'
import { openStore } from '../../storage/database.ts'
import type { SeriesObservation, Store } from '../../storage/store.ts'
import { host, rawOptions } from '../support/findings.ts'
import { observed } from '../support/store.ts'
import { generator } from './audit-parse.ts'

const START_MS = 1_790_000_000_000
/** A tenth of the most that a store keeps: `node test/bench/sweep.ts 100000` takes a quarter of an hour. */
export const SWEPT_SERIES = 10_000
/** Transfers of a series, 100 in the mean: most have few, as on a host. */
const TRANSFERS = [6, 12, 24, 48, 96, 414]
const BATCH = 2_000

export interface SweepCost {
  readonly series: number
  readonly transfers: number
  readonly seconds: number
  readonly assessedPerSecond: number
  /** Longest turn of the event loop, and that which 999 of 1,000 turns stay below, ms. */
  readonly longestMs: number
  readonly p999Ms: number
  /** Of the day. */
  readonly daySeconds: number
  readonly peakRssBytes: number
}

export async function benchSweep(
  count: number = SWEPT_SERIES,
  lengths: readonly number[] = TRANSFERS,
): Promise<SweepCost> {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  const store = openStore({ folder: join(folder, 'data') })
  try {
    const transfers = fill(store.record, count, lengths)
    const correlator = createCorrelator({
      ...{ bootId: 'boot', runQuietMs: 2_000, claimMs: 5_000, maxProcesses: 1_000 },
      include: { loopback: false, linkLocal: false, multicast: false, private: true },
    })
    const places = destinations()
    const analyst = createAnalyst({
      ...{ store, destinations: places, schedules: () => [], detect: {}, host },
      ...{
        risk: compileRiskOptions(rawOptions),
        platform: 'linux',
        timeZone: 'UTC',
        learnUntilMs: 0,
      },
      alert: { maxPerHour: 20, updateIntervalMs: 3_600_000, endAfterPeriods: 6 },
    })
    const pipeline = createPipeline({
      ...{ correlator, recorder: createRecorder(store), analyst, due: dueBook(), store },
      ...{ destinations: places, minObservations: 3, monotonicMs: () => performance.now() },
      writeIntervalMs: () => 30_000,
    })
    for (const seriesKey of store.seriesKeys()) pipeline.resume(seriesKey)
    const turns: number[] = []
    const startMs = performance.now()
    for (let isDue = true; isDue; ) {
      const turnMs = performance.now()
      isDue = pipeline.assess(START_MS)
      turns.push(performance.now() - turnMs)
      await new Promise(setImmediate)
    }
    const seconds = (performance.now() - startMs) / 1_000
    const daySeconds = await dayOf(pipeline, store, count)
    turns.sort((a, b) => a - b)
    return {
      series: count,
      transfers,
      seconds,
      assessedPerSecond: Math.round(
        (count * lengths.filter((n) => n >= 3).length) / lengths.length / seconds,
      ),
      longestMs: turns.at(-1) ?? 0,
      p999Ms: turns[Math.floor(turns.length * 0.999)] ?? 0,
      daySeconds,
      peakRssBytes: process.resourceUsage().maxRSS * 1_024,
    }
  } finally {
    store.close()
    rmSync(folder, { recursive: true })
  }
}

const DAY_STEPS = 144

/** @returns seconds of work; the waiting between is left out */
async function dayOf(pipeline: Pipeline, store: Store, count: number): Promise<number> {
  const startMs = performance.now()
  const stepMs = 86_400_000 / DAY_STEPS
  for (let step = 0; step < DAY_STEPS; step++) {
    const nowMs = START_MS + step * stepMs
    const observations: SeriesObservation[] = []
    for (let i = step; i < count; i += DAY_STEPS) {
      observations.push(observed(`series-${i}`, nowMs + (i % stepMs), { sentBytes: 1_000 }))
    }
    store.record({ observations })
    for (const { identity } of observations) pipeline.resume(identity.key)
    while (pipeline.assess(nowMs + stepMs)) await new Promise(setImmediate)
  }
  return (performance.now() - startMs) / 1_000
}

/** @returns transfers stored */
function fill(
  record: (batch: { observations: SeriesObservation[] }) => void,
  count: number,
  lengths: readonly number[],
): number {
  const random = generator(11)
  let transfers = 0
  let batch: SeriesObservation[] = []
  for (let i = 0; i < count; i++) {
    let atMs = START_MS - 30 * 86_400_000 * random()
    const periodMs = 60_000 * (1 + Math.floor(random() * 600))
    const isRegular = random() < 0.05
    for (let n = lengths[i % lengths.length] ?? 1; n > 0; n--) {
      batch.push(observed(`series-${i}`, Math.round(atMs), { sentBytes: 1_000 }))
      atMs += isRegular ? periodMs : -periodMs * Math.log(1 - random())
      transfers++
    }
    if (batch.length < BATCH) continue
    record({ observations: batch })
    batch = []
  }
  record({ observations: batch })
  return transfers
}

if (import.meta.main) {
  const { series, transfers, seconds, daySeconds, p999Ms, longestMs, peakRssBytes } =
    await benchSweep(Number(process.argv[2] ?? SWEPT_SERIES))
  process.stdout.write(
    `${series} series, ${transfers} transfers: swept in ${seconds.toFixed(1)} s, a day of them in ` +
      `${daySeconds.toFixed(1)} s, ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB at most; the event loop ` +
      `waits ${p999Ms.toFixed(0)} ms at the 99.9th percentile, ${longestMs.toFixed(0)} ms at most\n`,
  )
}

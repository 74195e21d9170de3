/**
 * Events a second through the whole agent, on one core: audit records parsed, correlated, stored in
 * SQLite on disk, and their series assessed. The same log as for parsing.
 */
import { createReadStream } from 'node:fs'
import { createAnalyst } from '../../agent/analyst.ts'
import { createCorrelator } from '../../agent/correlate/correlator.ts'
import { destinations } from '../../agent/destinations.ts'
import { dueBook } from '../../agent/detect/due.ts'
import { compileRiskOptions } from '../../agent/detect/risk.ts'
import { createPipeline } from '../../agent/pipeline.ts'
import { createRecorder } from '../../agent/recorder.ts'
import { zeroCounters } from '../../platform/collector.ts'
import { auditStream } from '../../platform/linux/audit-stream.ts'
import { lineSplitter } from '../../platform/shared/lines.ts'
import { openStore } from '../../storage/database.ts'
import { host, rawOptions } from '../support/findings.ts'

/** The sensor's. */
const TICK_MS = 1_000

export interface ThroughFigures {
  readonly events: number
  readonly transfers: number
  readonly eventsPerSecond: number
  /** What 999 of 1,000 turns of the event loop stay below, and the longest, ms. */
  readonly p999Ms: number
  readonly longestMs: number
}

/** @param folder for the database; is made */
export async function auditThrough(path: string, folder: string): Promise<ThroughFigures> {
  const store = openStore({ folder })
  const correlator = createCorrelator({
    ...{ bootId: 'boot', runQuietMs: 2_000, claimMs: 5_000, maxProcesses: 50_000 },
    include: { loopback: false, linkLocal: false, multicast: false, private: true },
  })
  const places = destinations()
  const recorder = createRecorder(store)
  const analyst = createAnalyst({
    ...{ store, destinations: places, schedules: correlator.schedules, detect: {}, host },
    ...{
      risk: compileRiskOptions(rawOptions),
      platform: 'linux',
      timeZone: 'UTC',
      learnUntilMs: 0,
    },
    alert: { maxPerHour: 20, updateIntervalMs: 3_600_000, endAfterPeriods: 6 },
  })
  const pipeline = createPipeline({
    ...{
      correlator,
      recorder,
      analyst,
      due: dueBook(),
      destinations: places,
      store,
      minObservations: 3,
    },
    writeIntervalMs: () => 30_000,
    monotonicMs: () => performance.now(),
  })
  const stream = auditStream({ counters: zeroCounters() })
  const splitter = lineSplitter()
  let events = 0
  let nowMs = 0
  const startMs = performance.now()
  let lookedMs = startMs
  const turns: number[] = []
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const turnMs = performance.now()
    const batch = stream.push(splitter.push(chunk as Buffer))
    events += batch.length
    nowMs = batch.at(-1)?.atMs ?? nowMs
    pipeline.take('linux.audit', { events: batch, bookmark: stream.bookmark ?? '' })
    turns.push(performance.now() - turnMs)
    // As the sensor does it: by the clock on the wall, however fast the events come.
    if (performance.now() - lookedMs < TICK_MS) continue
    lookedMs = performance.now()
    pipeline.tick(nowMs)
    for (let isDue = true; isDue; ) {
      const sliceMs = performance.now()
      isDue = pipeline.assess(nowMs)
      turns.push(performance.now() - sliceMs)
    }
  }
  const last = stream.end()
  events += last.length
  pipeline.take('linux.audit', { events: last })
  pipeline.flush()
  while (pipeline.assess(nowMs));
  const seconds = (performance.now() - startMs) / 1_000
  const { transfers } = store.stats()
  store.close()
  turns.sort((a, b) => a - b)
  return {
    ...{ events, transfers, eventsPerSecond: Math.round(events / seconds) },
    p999Ms: turns[Math.floor(turns.length * 0.999)] ?? 0,
    longestMs: turns.at(-1) ?? 0,
  }
}

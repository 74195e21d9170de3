/** The path of the data without a machine: the real stages in event time, and a store in memory. */
import { createAnalyst } from '../../agent/analyst.ts'
import { createCorrelator } from '../../agent/correlate/correlator.ts'
import { destinations } from '../../agent/destinations.ts'
import { dueBook } from '../../agent/detect/due.ts'
import { compileRiskOptions } from '../../agent/detect/risk.ts'
import { createPipeline } from '../../agent/pipeline.ts'
import { createRecorder } from '../../agent/recorder.ts'
import type { Event } from '../../platform/event.ts'
import { openStore } from '../../storage/database.ts'
import { host, rawOptions } from './findings.ts'

export function eventTimePipeline({ learnUntilMs = 0, timeZone = 'UTC' } = {}) {
  let monotonicMs = 0
  const store = openStore({ folder: ':memory:' })
  const correlator = createCorrelator({
    ...{ bootId: 'boot', runQuietMs: 2_000, claimMs: 5_000, maxProcesses: 1_000 },
    include: { loopback: false, linkLocal: false, multicast: false, private: true },
  })
  const places = destinations()
  const recorder = createRecorder(store)
  const analystBy = (destIpAllowlist: readonly string[]) =>
    createAnalyst({
      ...{ store, host, learnUntilMs, timeZone, destinations: places, detect: {} },
      ...{ platform: 'linux', schedules: correlator.schedules },
      risk: compileRiskOptions({ ...rawOptions, destIpAllowlist }),
      alert: { maxPerHour: 20, updateIntervalMs: 3_600_000, endAfterPeriods: 6 },
    })
  const pipeline = createPipeline({
    ...{
      correlator,
      recorder,
      analyst: analystBy([]),
      due: dueBook(),
      store,
      minObservations: 3,
      destinations: places,
      writeIntervalMs: () => 30_000,
      monotonicMs: () => monotonicMs,
    },
  })
  return {
    store,
    pipeline,
    /** Time passes in which nothing comes. */
    wait(ms: number, nowMs: number) {
      monotonicMs += ms
      pipeline.tick(nowMs)
    },
    /** Takes events, and assesses what is due when the last of them was. */
    see(events: readonly Event[], bookmark: string) {
      pipeline.take('linux.audit', { events, bookmark })
      const nowMs = events.at(-1)?.atMs ?? 0
      pipeline.flush()
      while (pipeline.assess(nowMs));
    },
    /** A new configuration allows a destination, and all findings are judged by it. */
    allow(destination: string, nowMs: number) {
      pipeline.judgeBy(analystBy([destination]), 3)
      for (const { seriesKey } of store.findings(10)) pipeline.reassess(seriesKey)
      while (pipeline.assess(nowMs));
    },
  }
}

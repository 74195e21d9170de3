/**
 * The live agent under one configuration: joins collectors, pipeline, shipper and control socket, and
 * keeps their time. All that decides is elsewhere; here one can read what there is, in the order in
 * which it starts. `reconfigure.ts` takes it from one configuration to the next.
 */
import { isDeepStrictEqual } from 'node:util'
import { schedule as cron } from 'node-cron'
import { type HostSystem, hostSenses } from '../platform/host.ts'
import type { Store } from '../storage/store.ts'
import { DEFAULT_END_AFTER_PERIODS } from './alert/episode.ts'
import type { HostFacts } from './alert/host-facts.ts'
import { type Analyst, createAnalyst } from './analyst.ts'
import type { SensorOptions } from './commands/context.ts'
import type { Config } from './config/config.ts'
import { serveControl } from './control/server.ts'
import type { AgentStatus } from './control/status.ts'
import { findingSummaries, newestDeadLetters } from './control/stored-status.ts'
import { createCorrelator } from './correlate/correlator.ts'
import { destinations } from './destinations.ts'
import { dueBook } from './detect/due.ts'
import { compileRiskOptions } from './detect/risk.ts'
import { healthDocument } from './health-document.ts'
import { hostFacts } from './host.ts'
import { lagMeter } from './lag.ts'
import { firstStart, incidents, remember } from './life-notes.ts'
import { createLooks } from './looks.ts'
import { createOutputs } from './outputs.ts'
import { type OwnTraffic, ownTraffic } from './own-traffic.ts'
import { controlPath } from './paths.ts'
import { createPipeline } from './pipeline.ts'
import { processMeter } from './process-meter.ts'
import { createRecorder } from './recorder.ts'
import { resume } from './resume.ts'
import { createShedder } from './shedder.ts'
import { createShipping } from './shipping.ts'
import { createSupervisor } from './supervisor.ts'
import { vigil } from './vigil.ts'
import { withStore } from './with-store.ts'

/** Waiting connections and due series are looked at this often, ms. */
const TICK_MS = 2_000
/** A connection waits so long for the source that knows its process, ms. */
const CLAIM_MS = 5_000
const MAX_PROCESSES = 50_000
/** Findings in a status, and on screen. */
const SHOWN_FINDINGS = 20
/** Findings that new settings are laid on at once; the others when they next change. */
const MAX_JUDGED_ANEW = 10_000

/** What can be asked of a sensor while it runs. */
export interface Sensor {
  status(): AgentStatus
  /**
   * Takes over settings of the groups in `IN_PLACE`; what recurs is judged anew by them.
   * @throws {AgentError} when they cannot be used: the old ones go on
   */
  adopt(config: Config): Promise<void>
}

/** @param onStart it runs: collectors begin, and the control socket answers */
export async function runSensor(
  options: SensorOptions,
  system: HostSystem,
  onStart: (sensor: Sensor) => void = () => {},
): Promise<void> {
  const { clock, view } = options
  // Whatever ends the sensor ends all of it: a bug in one part must not leave the others running.
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  await withStore(options, async (store) => {
    const own = ownTraffic({ pid: process.pid, startedMs: clock.now(), store })
    try {
      for (const { atMs, what } of incidents(store, clock.now())) {
        view.message(`${new Date(atMs).toISOString()}: ${what}`)
      }
      await live({ ...options, signal }, store, own.isOwn, await hostFacts(), system, onStart)
    } finally {
      stop.abort()
      own.close()
    }
  })
}

async function live(
  { config, dataDir, clock, view, signal, version, fleetStatus }: SensorOptions,
  store: Store,
  isOwn: OwnTraffic['isOwn'],
  host: HostFacts,
  system: HostSystem,
  onStart: (sensor: Sensor) => void,
): Promise<void> {
  view.setLevel?.(config.log.level)
  const startedMs = clock.now()
  const monotonicMs = () => performance.now()
  let inForce = config
  const knownSchedules = store.schedules()
  const looks = createLooks(clock)
  const maxLagMs = () => inForce.limits.maxLagMs
  const deps = { clock: looks.clock, ownPid: process.pid, knownSchedules, maxLagMs }
  const senses = await hostSenses(config.collect, deps, system)
  const correlator = createCorrelator({
    ...{ bootId: senses.bootId, knownSchedules },
    ...(senses.lookUp && { lookUp: senses.lookUp }),
    ...{ claimMs: CLAIM_MS, maxProcesses: MAX_PROCESSES, isOwn },
    runQuietMs: config.correlate.runQuietMs,
    include: {
      loopback: config.correlate.includeLoopback,
      linkLocal: config.correlate.includeLinkLocal,
      multicast: config.correlate.includeMulticast,
      private: config.correlate.includePrivate,
    },
  })
  const recorder = createRecorder(store)
  const places = destinations()
  const analystBy = ({ detect, alert }: Config): Analyst =>
    createAnalyst({
      ...{ store, host, platform: senses.platform, destinations: places },
      schedules: correlator.schedules,
      detect: { minObservations: detect.minObservations, threshold: detect.minScore },
      risk: compileRiskOptions({ ...detect, minRisk: alert.minRisk }),
      alert: { ...alert, endAfterPeriods: DEFAULT_END_AFTER_PERIODS },
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      learnUntilMs: firstStart(store, startedMs) + detect.learningPeriodMs,
    })
  const due = dueBook()
  const pipeline = createPipeline({
    ...{ correlator, recorder, due, store },
    analyst: analystBy(config),
    destinations: places,
    minObservations: config.detect.minObservations,
    writeIntervalMs: () => inForce.store.writeIntervalMs,
    monotonicMs,
  })
  const outputs = await createOutputs(config.ship, {
    ...{ sleep: clock.sleep, random: Math.random },
    create: (it) => createShipping(it, store, { clock, random: Math.random }),
    health: (intervalMs) => {
      const [nowMs, lagMs] = [clock.now(), lag.take()]
      return healthDocument({ status: status(), host, nowMs, intervalMs, lagMs })
    },
  })
  const supervisor = createSupervisor({
    ...{ collectors: senses.collectors, clock, looks, sleep: clock.sleep, random: Math.random },
    maxLookMs: () => inForce.limits.maxLookMs,
    bookmark(dataset) {
      pipeline.flush()
      return store.bookmark(dataset)
    },
    onBatch: (dataset, batch) => {
      lag.note(batch, clock.now())
      pipeline.take(dataset, { ...batch, events: shedder.sift(batch.events) })
    },
    onChange: () => view.collectors(supervisor.statuses()),
  })
  const meter = processMeter()
  const shedder = createShedder(() => inForce.limits)
  const lag = lagMeter()
  const findings = () => findingSummaries(store, SHOWN_FINDINGS)
  const shedOf = (shed = shedder.status()) => (shed === undefined ? {} : { shed })
  const problemOf = (problem = recorder.problem()) => (problem === undefined ? {} : { problem })
  const fleetOf = (fleet = fleetStatus?.()) => fleet && { fleet }
  const status = (): AgentStatus => ({
    ...{ version, dataDir, startedMs, isRunning: true, pid: process.pid },
    host: {
      name: host.name,
      os: `${host.os.name ?? host.os.type} ${host.os.version ?? ''}`.trim(),
      ...(host.id && { id: host.id }),
    },
    collectors: supervisor.statuses(),
    store: store.stats(),
    outputs: outputs.statuses(),
    deadLetters: newestDeadLetters(store),
    process: meter.read(),
    incidents: incidents(store, clock.now()),
    ...shedOf(),
    findings: findings(),
    ...problemOf(),
    ...fleetOf(),
  })

  resume(pipeline, store, senses.collectors, startedMs)
  const control = await serveControl({
    path: controlPath(dataDir),
    handlers: {
      status,
      findings: (limit) => findingSummaries(store, limit),
      alerts: (limit) => store.alerts(limit),
    },
  })
  const adopt = async (next: Config): Promise<void> => {
    const analyst = analystBy(next)
    if (!isDeepStrictEqual(next.ship, inForce.ship)) await outputs.adopt(next.ship)
    inForce = next
    view.setLevel?.(next.log.level)
    pipeline.judgeBy(analyst, next.detect.minObservations)
    for (const { seriesKey } of store.findings(MAX_JUDGED_ANEW)) pipeline.reassess(seriesKey)
  }
  // Once a minute, by the clock on the wall: what the next start and `agent status` need.
  const heartbeat = cron('* * * * *', () => remember(store, status(), clock.now()))
  onStart({ status, adopt })
  try {
    await Promise.all([supervisor.run(signal), outputs.run(signal), keepTime()])
  } finally {
    await heartbeat.stop()
    pipeline.flush()
    await control.close()
    await outputs.close()
    remember(store, status(), clock.now())
  }

  async function keepTime(): Promise<void> {
    const watch = vigil()
    let problem: string | undefined
    for await (const nowMs of clock.ticks(TICK_MS, signal)) {
      const jump = watch.look(nowMs, monotonicMs())
      if (jump) pipeline.take(jump.dataset, { events: [jump] })
      shedder.look(meter.read().cpuMs, supervisor.behindMs(), monotonicMs())
      supervisor.check(monotonicMs())
      pipeline.tick(nowMs)
      let isDue = due.dueCount > 0
      const { findings: before } = pipeline
      // In a flood something is always due, and the rest of the tick is, too.
      const endMs = monotonicMs() + TICK_MS
      while (isDue && !signal.aborted && monotonicMs() < endMs) {
        isDue = pipeline.assess(nowMs)
        await new Promise(setImmediate)
      }
      if (pipeline.findings !== before) {
        view.findings(findings())
        outputs.wake()
      }
      view.collectors(supervisor.statuses())
      if (recorder.problem() !== problem) {
        problem = recorder.problem()
        view.message(problem ?? 'the database can grow again: nothing waits in memory')
      }
    }
  }
}

/**
 * The live agent: joins collectors, pipeline, shipper and control socket, and keeps their time. All
 * that decides is elsewhere; here one can read what there is, in the order in which it starts.
 */
import { join } from 'node:path'
import { schedule as cron } from 'node-cron'
import { codeOf } from '../platform/errors.ts'
import { type HostSystem, hostSenses } from '../platform/host.ts'
import { openStore } from '../storage/database.ts'
import type { Store } from '../storage/store.ts'
import { DEFAULT_END_AFTER_PERIODS } from './alert/episode.ts'
import type { HostFacts } from './alert/host-facts.ts'
import { createAnalyst } from './analyst.ts'
import type { SensorOptions } from './commands/context.ts'
import type { Config } from './config/config.ts'
import { serveControl } from './control/server.ts'
import type { AgentStatus } from './control/status.ts'
import { findingSummaries, newestDeadLetters, saveStatus } from './control/stored-status.ts'
import { createCorrelator } from './correlate/correlator.ts'
import { destinations } from './destinations.ts'
import { dueBook } from './detect/due.ts'
import { compileRiskOptions } from './detect/risk.ts'
import { healthDocument } from './health-document.ts'
import { reportHealth } from './health-reports.ts'
import { hostFacts } from './host.ts'
import { lagMeter } from './lag.ts'
import { ownSockets } from './own-sockets.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'
import { processMeter } from './process-meter.ts'
import { createRecorder } from './recorder.ts'
import { createShipping } from './shipping.ts'
import { createSupervisor } from './supervisor.ts'
import { absence, vigil } from './vigil.ts'

/** Waiting connections and due series are looked at this often, ms. */
const TICK_MS = 1_000
/** A connection waits so long for the source that knows its process, ms. */
const CLAIM_MS = 5_000
const MAX_PROCESSES = 50_000
/** Findings in a status, and on screen. */
const SHOWN_FINDINGS = 20
/** Series that are assessed anew at start: an agent that was killed may owe them an assessment. */
const RESUMED_SERIES = 1_000
/** When the last agent was alive; the span since is blind. */
const ALIVE_NOTE = 'alive-ms'
const FIRST_START_NOTE = 'first-start-ms'

export async function runSensor(options: SensorOptions, system: HostSystem): Promise<void> {
  const { config, dataDir, clock, view } = options
  const store = openStore({ folder: dataDir, setAsideMs: clock.now(), ...storeBounds(config) })
  // Whatever ends the sensor ends all of it: a bug in one part must not leave the others running.
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const own = ownSockets()
  try {
    const setAside = store.note('set-aside')
    if (setAside !== undefined) view.message(`a damaged database was set aside: ${setAside}`)
    await live({ ...options, signal }, store, own.isOwn, await hostFacts(), system)
  } finally {
    stop.abort()
    own.close()
    store.close()
  }
}

async function live(
  { config, dataDir, clock, view, signal, version }: SensorOptions,
  store: Store,
  isOwn: ReturnType<typeof ownSockets>['isOwn'],
  host: HostFacts,
  system: HostSystem,
): Promise<void> {
  const startedMs = clock.now()
  const monotonicMs = () => performance.now()
  const knownSchedules = store.schedules()
  const deps = { clock, ownPid: process.pid, knownSchedules }
  const senses = await hostSenses(config.collect, deps, system)
  const correlator = createCorrelator({
    ...{ bootId: senses.bootId, knownSchedules },
    ...(senses.lookUp && { lookUp: senses.lookUp }),
    ...{ claimMs: CLAIM_MS, maxProcesses: MAX_PROCESSES, isOwn: ({ source }) => isOwn(source) },
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
  const analyst = createAnalyst({
    ...{ store, host, platform: senses.platform, destinations: places },
    schedules: correlator.schedules,
    detect: { minObservations: config.detect.minObservations, threshold: config.detect.minScore },
    risk: compileRiskOptions({ ...config.detect, minRisk: config.alert.minRisk }),
    alert: { ...config.alert, endAfterPeriods: DEFAULT_END_AFTER_PERIODS },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    learnUntilMs: firstStart(store, startedMs) + config.detect.learningPeriodMs,
  })
  const due = dueBook()
  const pipeline = createPipeline({
    ...{ correlator, recorder, analyst, due, store },
    destinations: places,
    minObservations: config.detect.minObservations,
    monotonicMs,
  })
  const shipping = await createShipping(config.ship, store, { clock, random: Math.random })
  const supervisor = createSupervisor({
    ...{ collectors: senses.collectors, clock, sleep: clock.sleep, random: Math.random },
    bookmark: (dataset) => store.bookmark(dataset),
    onBatch: (dataset, batch) => {
      lag.note(batch, clock.now())
      pipeline.take(dataset, batch)
    },
    onChange: () => view.collectors(supervisor.statuses()),
  })
  const meter = processMeter()
  const lag = lagMeter()
  const findings = () => findingSummaries(store, SHOWN_FINDINGS)
  const problemOf = (problem = recorder.problem()) => (problem === undefined ? {} : { problem })
  const status = (): AgentStatus => ({
    ...{ version, dataDir, startedMs, isRunning: true, pid: process.pid },
    host: {
      name: host.name,
      os: `${host.os.name ?? host.os.type} ${host.os.version ?? ''}`.trim(),
      ...(host.id && { id: host.id }),
    },
    collectors: supervisor.statuses(),
    store: store.stats(),
    outputs: shipping.statuses(),
    deadLetters: newestDeadLetters(store),
    process: meter.read(),
    findings: findings(),
    ...problemOf(),
  })

  resume(pipeline, store, startedMs)
  const control = await serveControl({
    path: join(dataDir, 'control.sock'),
    handlers: {
      status,
      findings: (limit) => findingSummaries(store, limit),
      alerts: (limit) => store.alerts(limit),
    },
  })
  const { healthIntervalMs: intervalMs } = config.ship
  const health = reportHealth(
    {
      ...{ intervalMs, sleep: clock.sleep, random: Math.random },
      report: () => {
        const nowMs = clock.now()
        const lagMs = lag.take()
        shipping.report(healthDocument({ status: status(), host, nowMs, intervalMs, lagMs }))
      },
    },
    signal,
  )
  // Once a minute, by the clock on the wall: what the next start and `agent status` need.
  const heartbeat = cron('* * * * *', () => remember(store, status(), clock.now()))
  try {
    await Promise.all([supervisor.run(signal), shipping.run(signal), health, keepTime()])
  } finally {
    await heartbeat.stop()
    await control.close()
    await shipping.close()
    remember(store, status(), clock.now())
  }

  async function keepTime(): Promise<void> {
    const watch = vigil()
    let problem: string | undefined
    for await (const nowMs of clock.ticks(TICK_MS, signal)) {
      const jump = watch.look(nowMs, monotonicMs())
      if (jump !== undefined) pipeline.take(jump.dataset, { events: [jump] })
      pipeline.tick(nowMs)
      let isDue = due.dueCount > 0
      const hasNews = isDue
      while (isDue && !signal.aborted) {
        isDue = pipeline.assess(nowMs)
        await new Promise(setImmediate)
      }
      if (hasNews) view.findings(findings())
      if (hasNews) shipping.wake()
      view.collectors(supervisor.statuses())
      if (recorder.problem() !== problem) {
        problem = recorder.problem()
        view.message(problem ?? 'the database can grow again: nothing waits in memory')
      }
    }
  }
}

function storeBounds({ store }: Config): {
  maxBytes: number
  maxEventBytes: number
  maxSeries: number
  maxObservations: number
} {
  const { maxSizeBytes: maxBytes, eventShare, maxSeries, maxObservations } = store
  return { maxBytes, maxEventBytes: Math.floor(maxBytes * eventShare), maxSeries, maxObservations }
}

function firstStart(store: Store, nowMs: number): number {
  const known = Number(store.note(FIRST_START_NOTE))
  if (known > 0) return known
  store.setNote(FIRST_START_NOTE, String(nowMs))
  return nowMs
}

/** Goes on where the last agent was. auditd's own log fills the span where there is one. */
function resume(pipeline: Pipeline, store: Store, nowMs: number): void {
  const aliveMs = Number(store.note(ALIVE_NOTE)) || undefined
  const isFilled = store.bookmark('linux.audit') !== undefined
  const gap = isFilled ? undefined : absence(aliveMs, nowMs)
  if (gap !== undefined) pipeline.take(gap.dataset, { events: [gap] })
  for (const seriesKey of store.seriesKeys().slice(0, RESUMED_SERIES)) pipeline.resume(seriesKey)
}

/** A full disk must not end the agent; the recorder says what is wrong. */
function remember(store: Store, status: AgentStatus, nowMs: number): void {
  try {
    store.setNote(ALIVE_NOTE, String(nowMs))
    saveStatus(store, status)
  } catch (error) {
    if (codeOf(error) !== 'ERR_STORE_FULL') throw error
  }
}

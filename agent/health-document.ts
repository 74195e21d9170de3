/**
 * The agent's health as one ECS metric document: what `agent status` says, in figures, so that a host
 * whose agent is blind, behind or silent is seen centrally. Pure.
 *
 * Counters are sums since the agent started, so that a document that was lost costs no figure.
 * `tidewatch.health.interval_ms` says when the next one is due: silence can be told from it.
 */
import { createHash } from 'node:crypto'
import { type CollectorCounters, zeroCounters } from '../platform/collector.ts'
import type { EpochMs } from '../platform/event.ts'
import { ECS_VERSION } from './alert/compose.ts'
import type { HostFacts } from './alert/host-facts.ts'
import { clip, isoTime } from './alert/text.ts'
import { healthOf } from './control/health.ts'
import type { AgentStatus } from './control/status.ts'
import type { Parcel } from './ship/verdict.ts'

export interface HealthInput {
  readonly status: AgentStatus
  readonly host: HostFacts
  readonly nowMs: EpochMs
  readonly intervalMs: number
  /** The largest since the last document. */
  readonly lagMs?: number | undefined
}

/** Bytes of JSON: a name, and a reason. */
const NAME = 64
const REASON = 200
const MAX_LIST = 8

export function healthDocument(input: HealthInput): Parcel {
  const { status, host, nowMs } = input
  const { startedMs = nowMs } = status
  const run = hash(`${host.id ?? host.name}\n${startedMs}`)
  const { health, reasons } = healthOf(status)
  const name = (text: string | undefined) => (text === undefined ? undefined : clip(text, NAME))
  const document = {
    '@timestamp': isoTime(nowMs),
    ecs: { version: ECS_VERSION },
    event: {
      kind: 'metric',
      category: ['host'],
      type: ['info'],
      module: 'tidewatch',
      dataset: 'tidewatch.health',
      start: isoTime(startedMs),
    },
    agent: { type: 'tidewatch', version: name(status.version), ephemeral_id: run },
    host: {
      id: name(host.id),
      name: clip(host.name, NAME),
      architecture: name(host.architecture),
      ip: host.ip.slice(0, 2).map((ip) => clip(ip, NAME)),
      os: { type: host.os.type, name: name(host.os.name), version: name(host.os.version) },
    },
    process: { pid: status.pid },
    tidewatch: { health: { state: health, ...figures(input), reasons: list(reasons, REASON) } },
  }
  return { id: hash(`${run}\n${nowMs}`), revision: 1, document: JSON.stringify(document) }
}

function figures({ status, nowMs, intervalMs, lagMs }: HealthInput): object {
  const { store, process, collectors, outputs, startedMs = nowMs } = status
  const of = (state: string) => collectors.filter((it) => it.state === state)
  const impaired = collectors.filter(({ state }) => state === 'lost' || state === 'degraded')
  const away = outputs.filter(({ failuresInRow }) => failuresInRow > 0)
  return {
    interval_ms: intervalMs,
    uptime_ms: Math.max(0, nowMs - startedMs),
    lag_ms: lagMs === undefined ? undefined : Math.round(lagMs),
    shed: status.shed && { events: status.shed.events, cap: status.shed.cap },
    records: sum(collectors.map(({ counters }) => counters)),
    collectors: {
      running: of('running').length,
      degraded: of('degraded').length,
      lost: of('lost').length,
      restarts: collectors.reduce((all, { restarts }) => all + restarts, 0),
      impaired: list(
        impaired.map(({ dataset }) => dataset),
        NAME,
      ),
    },
    memory: process && { rss_bytes: process.rssBytes },
    cpu: process && { ms: process.cpuMs, ratio: Math.round(process.cpuRatio * 10_000) / 10_000 },
    store: {
      size_bytes: store.sizeBytes,
      max_bytes: store.maxBytes,
      events: store.events,
      series: store.series,
      transfers: store.transfers,
      evicted_events: store.evictedEvents,
      evicted_series: store.evictedSeries,
    },
    findings: store.findings,
    alerts: {
      waiting: store.alerts.waiting,
      sent: store.alerts.sent,
      evicted: store.evictedAlerts,
      dead_letters: store.deadLetters,
    },
    outputs: {
      configured: outputs.length,
      away: list(
        away.map(({ name }) => name),
        NAME,
      ),
    },
  }
}

function sum(counters: readonly CollectorCounters[]): CollectorCounters {
  const all = zeroCounters()
  for (const one of counters) {
    for (const name of Object.keys(all) as (keyof CollectorCounters)[]) all[name] += one[name]
  }
  return all
}

const list = (texts: readonly string[], bytes: number): readonly string[] | undefined =>
  texts.length === 0 ? undefined : texts.slice(0, MAX_LIST).map((text) => clip(text, bytes))

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

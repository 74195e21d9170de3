/** `agent status` for a person: a few lines of facts, a table of collectors, one of findings. Pure. */
import { healthOf } from '../control/health.ts'
import type { AgentStatus, CollectorStatus, OutputStatus } from '../control/status.ts'
import { findingColumns } from './finding-columns.ts'
import { fleetFacts } from './fleet-view.ts'
import { type Column, table } from './table.ts'
import {
  agoText,
  bytesText,
  clean,
  countText,
  durationText,
  type Paint,
  plain,
  type Style,
  timeText,
  wrapped,
} from './text.ts'

export interface ViewOptions {
  readonly nowMs: number
  /** Columns of the terminal; `undefined` where it is none. */
  readonly width?: number | undefined
  readonly paint?: Paint
}

const HEALTH_STYLE: Readonly<Record<string, Style>> = {
  healthy: 'green',
  degraded: 'yellow',
  down: 'red',
}

const STATE_STYLE: Readonly<Record<CollectorStatus['state'], Style>> = {
  starting: 'cyan',
  running: 'green',
  degraded: 'yellow',
  lost: 'red',
}

export function statusView(status: AgentStatus, options: ViewOptions): readonly string[] {
  const { nowMs, width, paint = plain } = options
  const { health, reasons } = healthOf(status)
  const word = paint(HEALTH_STYLE[health] ?? 'reset', health)
  const facts: readonly (readonly [string, string])[] = [
    ['agent', `${word}${reasons.length === 0 ? '' : clean(` (${reasons.join('; ')})`)}`],
    ['version', clean(status.version)],
    ['host', hostText(status)],
    ['running', runningText(status, nowMs)],
    ...(status.process === undefined ? [] : [['process', processText(status.process)] as const]),
    ['data', clean(status.dataDir)],
    ['database', databaseText(status)],
    [
      'events',
      spanText(status.store.events, status.store.oldestEventMs, status.store.newestEventMs),
    ],
    [
      'transfers',
      spanText(
        status.store.transfers,
        status.store.oldestTransferMs,
        status.store.newestTransferMs,
      ),
    ],
    ['series', seriesText(status)],
    ['alerts', alertsText(status)],
    ...outputFacts(status, nowMs),
    ...fleetFacts(status.fleet, nowMs).map((text) => ['fleet', clean(text)] as const),
  ]
  return [
    ...facts.map(([name, text]) => `${paint('bold', name.padEnd(10))}  ${text}`),
    '',
    ...collectorLines(status.collectors, options),
    '',
    ...(status.findings.length === 0
      ? ['No recurring transfers found.']
      : table(status.findings, findingColumns(nowMs), { width, paint })),
  ]
}

const counter = (
  title: string,
  name: keyof CollectorStatus['counters'],
): Column<CollectorStatus> => ({
  title,
  align: 'right',
  cell: ({ counters }) => countText(counters[name]),
})

const COLLECTOR_COLUMNS: readonly Column<CollectorStatus>[] = [
  { title: 'COLLECTOR', cell: ({ dataset }) => dataset },
  { title: 'STATE', cell: ({ state }) => state, style: ({ state }) => STATE_STYLE[state] },
  counter('RECEIVED', 'received'),
  counter('EMITTED', 'emitted'),
  counter('IGNORED', 'ignored'),
  counter('MALFORMED', 'malformed'),
  counter('LOST', 'lost'),
  counter('MISSED', 'missed'),
  { title: 'RESTARTS', align: 'right', cell: ({ restarts }) => countText(restarts) },
]

/** The table, and below it each reason in full: a remedy that is cut off helps no one. */
export function collectorLines(
  collectors: readonly CollectorStatus[],
  { width, paint = plain }: ViewOptions,
): readonly string[] {
  if (collectors.length === 0) return ['No collector has run.']
  const reasons = collectors.flatMap(({ dataset, state, reason }) => {
    if (reason === undefined) return []
    const name = clean(dataset)
    // The remedy stands last, and must not be what a narrow window cuts off.
    const [first = '', ...rest] = wrapped(
      `${name}: ${clean(reason)}`,
      width ?? Number.POSITIVE_INFINITY,
    )
    return [`${paint(STATE_STYLE[state], name)}${first.slice(name.length)}`, ...rest]
  })
  return [...table(collectors, COLLECTOR_COLUMNS, { width, paint }), ...reasons]
}

function hostText({ host }: AgentStatus): string {
  const id = host.id === undefined ? '' : `, id ${host.id}`
  return clean(`${host.name} (${host.os}${id})`)
}

function runningText({ isRunning, pid, startedMs }: AgentStatus, nowMs: number): string {
  const started = startedMs === undefined ? '' : `, started ${timeText(startedMs)}`
  if (!isRunning) return `no${started === '' ? '' : `; last${started.slice(1)}`}`
  const uptime = startedMs === undefined ? 'yes' : durationText(nowMs - startedMs)
  return `${uptime}${started}${pid === undefined ? '' : `, pid ${pid}`}`
}

function processText(process: NonNullable<AgentStatus['process']>): string {
  const { rssBytes, cpuMs, cpuRatio } = process
  const share = (cpuRatio * 100).toFixed(cpuRatio < 0.1 ? 2 : 0)
  return `${bytesText(rssBytes)} memory, ${share} % of a core, ${durationText(cpuMs)} CPU since start`
}

function databaseText({ store }: AgentStatus): string {
  const share = store.maxBytes > 0 ? Math.round((store.sizeBytes / store.maxBytes) * 100) : 0
  return `${bytesText(store.sizeBytes)} of ${bytesText(store.maxBytes)} (${share} %)`
}

function spanText(count: number, oldestMs?: number, newestMs?: number): string {
  const span =
    oldestMs === undefined || newestMs === undefined
      ? ''
      : `, ${timeText(oldestMs)} to ${timeText(newestMs)}`
  return `${countText(count)} stored${span}`
}

function seriesText({ store }: AgentStatus): string {
  const { recurring, known, allowed } = store.findings
  return (
    `${countText(store.series)} tracked; ${countText(recurring)} recurring, ` +
    `${countText(known)} known, ${countText(allowed)} allowed; ` +
    `${countText(store.evictedSeries)} evicted`
  )
}

function alertsText({ store }: AgentStatus): string {
  const { waiting, sent } = store.alerts
  const { deadLetters } = store
  const refused = deadLetters === 0 ? '' : `, ${countText(deadLetters)} refused for good`
  return `${countText(waiting)} waiting, ${countText(sent)} sent${refused}`
}

function outputFacts(
  { outputs, deadLetters }: AgentStatus,
  nowMs: number,
): readonly (readonly [string, string])[] {
  if (outputs.length === 0) return [['output', 'none configured; alerts stay on this host']]
  return [
    ...outputs.map((it) => {
      const name = outputs.length === 1 ? '' : `${it.name}: `
      return ['output', clean(`${name}${outputText(it, nowMs)}`)] as const
    }),
    ...deadLetters.map(({ output, id, reason, atMs }) => {
      const text = `${output} refused ${id} ${agoText(atMs, nowMs)}: ${reason}`
      return ['refused', clean(text)] as const
    }),
  ]
}

function outputText(output: OutputStatus, nowMs: number): string {
  const { place, lastAnswer, lastAnswerMs, failuresInRow } = output
  const when = lastAnswerMs === undefined ? '' : `, ${agoText(lastAnswerMs, nowMs)}`
  const answer = lastAnswer === undefined ? 'no answer yet' : `last answer ${lastAnswer}${when}`
  const failures = failuresInRow === 0 ? '' : `; ${failuresInRow} failures in a row`
  return `${place}; ${answer}${failures}`
}

/**
 * The agent's own log in ECS, one line of JSON a change: what `agent run --json` writes for a log
 * shipper. pino makes the lines; the time and the output are handed in.
 */
import { ecsFormat } from '@elastic/ecs-pino-format'
import { pino } from 'pino'
import { safeJson } from '../safe-json.ts'
import { type ClosableView, changes, type LiveOptions, type LogLevel } from './live-view.ts'

export interface EcsLogOptions extends LiveOptions {
  /** Least level that is written. */
  readonly level: LogLevel
  readonly version: string
}

export function ecsLogView({ now, write, level, version }: EcsLogOptions): ClosableView {
  const format = ecsFormat({
    ...{ serviceName: 'tidewatch-agent', serviceVersion: version, apmIntegration: false },
    eventDataset: 'tidewatch.log',
  })
  const timestamp = () => `,"@timestamp":"${new Date(now()).toISOString()}"`
  const log = pino({ ...format, level, timestamp }, { write: (line) => write(safeJson(line)) })
  const setLevel = (level: LogLevel): void => {
    log.level = level
  }
  const view = changes(
    {
      collector({ dataset, description, state, reason, counters, restarts }) {
        const isWell = state === 'running' || state === 'starting'
        const fields = {
          event: { action: `collector-${state}`, reason },
          tidewatch: { collector: { dataset, state, restarts, ...counters } },
        }
        log[isWell ? 'info' : 'warn'](fields, `${dataset}: ${state} (${reason ?? description})`)
      },
      finding(it) {
        const fields = {
          event: { action: `finding-${it.disposition}`, risk_score: it.risk },
          tidewatch: { finding: { ...it } },
        }
        log.info(fields, `${it.actor} sends to ${it.destination} ${it.form}`)
      },
      message: (line) => log.info(line),
    },
    now,
  )
  return { ...view, setLevel }
}

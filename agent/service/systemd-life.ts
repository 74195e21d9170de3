/**
 * What systemd hears of the agent over its life: ready when all is started, a sign of life while the
 * event loop turns, its health in a few words, and that it stops.
 */
import { healthOf } from '../control/health.ts'
import type { AgentStatus } from '../control/status.ts'
import type { SdNotify } from './sd-notify.ts'

/** How often the words change at most, ms: often enough for `systemctl status`. */
const STATUS_MS = 30_000

export interface SystemdLifeOptions {
  readonly notify: SdNotify
  readonly status: () => AgentStatus | undefined
  /** Aborts when the agent is asked to stop. */
  readonly signal: AbortSignal
  readonly ticks: (everyMs: number, signal: AbortSignal) => AsyncIterable<unknown>
}

/** Called when all is started. @returns when the signal aborts */
export async function systemdLife({
  notify,
  status,
  signal,
  ticks,
}: SystemdLifeOptions): Promise<void> {
  const { watchdogMs } = notify
  notify.send(`READY=1\n${statusLine(status())}`)
  const everyMs = Math.min(watchdogMs ?? STATUS_MS, STATUS_MS)
  for await (const _ of ticks(everyMs, signal)) {
    notify.send(`WATCHDOG=1\n${statusLine(status())}`)
  }
  notify.send('STOPPING=1\nSTATUS=stopping')
}

/** One line: systemd shows it as it is. */
function statusLine(status: AgentStatus | undefined): string {
  if (status === undefined) return 'STATUS=starting'
  const { health, reasons } = healthOf(status)
  const { series, findings } = status.store
  const figures = `${series} series, ${findings.recurring} recur`
  const first = reasons[0] === undefined ? '' : `; ${reasons[0].replace(/[\r\n]+/g, ' ')}`
  return `STATUS=${health}: ${figures}${first}`
}

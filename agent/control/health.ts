/** How well the agent is, in one word and the reasons: for people, and for exit codes. Pure. */
import type { AgentStatus } from './status.ts'

export type Health = 'healthy' | 'degraded' | 'down'

/** Failed tries in a row after which an output is away, and not just slow once. */
const FAILURES_AWAY = 3

/** @returns the reasons, the gravest first; empty when healthy */
export function healthOf(status: AgentStatus): {
  readonly health: Health
  readonly reasons: readonly string[]
} {
  if (!status.isRunning) return { health: 'down', reasons: ['the agent does not run'] }
  const { collectors, outputs } = status
  const away = outputs.filter(({ failuresInRow }) => failuresInRow >= FAILURES_AWAY)
  if (collectors.length > 0 && collectors.every(({ state }) => state === 'lost')) {
    return { health: 'down', reasons: ['no collector runs: the agent sees nothing'] }
  }
  const reasons = [
    ...(status.problem === undefined ? [] : [status.problem]),
    ...(['lost', 'degraded'] as const).flatMap((state) => {
      const names = collectors.filter((it) => it.state === state).map(({ dataset }) => dataset)
      return names.length === 0 ? [] : [`${state}: ${names.join(', ')}`]
    }),
    ...(away.length === 0
      ? []
      : [`does not take alerts: ${away.map(({ name }) => name).join(', ')}`]),
    ...(status.shed?.cap === undefined
      ? []
      : [`a flood: ${status.shed.events} events of busy and new senders left out`]),
    ...(status.incidents ?? []).map(({ what }) => what),
    ...fleetReasons(status),
  ]
  return { health: reasons.length === 0 ? 'healthy' : 'degraded', reasons }
}

function fleetReasons({ fleet }: AgentStatus): readonly string[] {
  if (fleet === undefined) return []
  return [
    ...(fleet.failuresInRow >= FAILURES_AWAY ? ["the fleet's server does not answer"] : []),
    ...(fleet.result?.state === 'failed' ? ["the fleet's configuration was refused"] : []),
    ...(fleet.problem === undefined ? [] : ["the fleet's configuration is not in force"]),
  ]
}

/** Exit codes of `agent status`, for monitoring. */
export const EXIT_CODES: Readonly<Record<Health, number>> = { healthy: 0, degraded: 1, down: 2 }

/**
 * Whether the agent is worse off under a new configuration. Only what is ill now and was well before
 * counts: a host may have a source that never ran, and that is no reason to refuse a change. Pure.
 */
import type { AgentStatus } from '../control/status.ts'

/** Failed tries in a row after which an output is taken to be away. */
const FAILURES_AWAY = 3

/** By what is ill: why, one line. */
export type Ills = ReadonlyMap<string, string>

/** @param status `undefined` where no sensor runs */
export function illsOf(status: AgentStatus | undefined): Ills {
  if (status === undefined) return new Map([['agent', 'the agent does not run']])
  const { collectors, outputs, problem } = status
  return new Map([
    ...collectors
      .filter(({ state }) => state === 'lost')
      .map(
        ({ dataset, reason }) => [dataset, `${dataset} is lost: ${reason ?? 'no reason'}`] as const,
      ),
    ...outputs
      .filter(({ failuresInRow }) => failuresInRow >= FAILURES_AWAY)
      .map(({ name, lastAnswer }) => {
        const why = `output ${name} takes no alerts: ${lastAnswer ?? 'no answer'}`
        return [`output ${name}`, why] as const
      }),
    ...(problem === undefined ? [] : [['problem', problem] as const]),
  ])
}

/** Before a change: what is ill, and what nobody can say yet, as right after a start. */
export function doubtsOf(status: AgentStatus | undefined): Ills {
  const { collectors = [], outputs = [] } = status ?? {}
  return new Map([
    ...illsOf(status),
    ...collectors
      .filter(({ state }) => state === 'starting')
      .map(({ dataset }) => [dataset, `${dataset} has only begun`] as const),
    ...outputs
      .filter(({ lastAnswer }) => lastAnswer === undefined)
      .map(({ name }) => [`output ${name}`, `output ${name} was not used yet`] as const),
  ])
}

/** Why `now` is worse than `before`, one line; `undefined` where it is not. */
export function worsening(before: Ills, now: Ills): string | undefined {
  const fresh = [...now].filter(([what]) => !before.has(what)).map(([, why]) => why)
  return fresh.length === 0 ? undefined : fresh.join('; ')
}

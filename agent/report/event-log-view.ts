/**
 * What the agent tells the system's own log where it runs as a service: one event a change. What is
 * not well is a warning, so that a filter for warnings shows what needs a person.
 */
import type { ServiceLink } from '../service/service-manager.ts'
import { type ClosableView, changes } from './live-view.ts'
import { clean } from './text.ts'

const RANK = { error: 0, warn: 1, info: 2, debug: 3 }

/** @param level least level that is written */
export function eventLogView(
  log: ServiceLink['log'],
  level: keyof typeof RANK,
  now: () => number,
): ClosableView {
  const say = (rank: 'warn' | 'info', line: string): void => {
    if (RANK[rank] <= RANK[level]) log(rank, clean(line))
  }
  return changes(
    {
      collector: ({ dataset, state, reason, description }) =>
        say(
          state === 'running' ? 'info' : 'warn',
          `${dataset}: ${state} (${reason ?? description})`,
        ),
      finding: (it) =>
        say(
          it.disposition === 'alert' ? 'warn' : 'info',
          `${it.disposition}: ${it.actor} sends to ${it.destination} ${it.form}; risk ${it.risk}`,
        ),
      message: (line) => say('info', line),
    },
    now,
  )
}

/**
 * How many new alerts an hour this host may send. Pure.
 *
 * A host gone wrong, or a threshold set too low, must not flood the endpoint. What is beyond the
 * budget is kept and told when there is room; one summary an hour says how many waited, since an
 * alert that nobody hears of is a loss, and a loss is data.
 */
import type { EpochMs } from '../../platform/event.ts'
import type { AlertRecord } from '../../storage/alert.ts'
import { ECS_VERSION } from './compose.ts'
import { type AlertOutcome, alertId } from './episode.ts'
import type { HostFacts } from './host-facts.ts'
import { stateOf } from './state.ts'
import { clip, isoTime } from './text.ts'

const HOUR_MS = 3_600_000
/** The summary's series: no key of a real one has a colon. */
export const BUDGET_SERIES = 'tidewatch:budget'

/** Whole hours of the clock, so that a restart counts on in the same one. */
export interface Budget {
  readonly hourMs: EpochMs
  /** New alerts sent in this hour. */
  readonly told: number
  /** New alerts held back in this hour. */
  readonly held: number
}

const hourOf = (nowMs: EpochMs): EpochMs => Math.floor(nowMs / HOUR_MS) * HOUR_MS

/** The budget as it stands now: a new hour begins with nothing spent. */
export const budgetAt = (budget: Budget | undefined, nowMs: EpochMs): Budget =>
  budget?.hourMs === hourOf(nowMs) ? budget : { hourMs: hourOf(nowMs), told: 0, held: 0 }

export const mayTell = (budget: Budget, maxPerHour: number): boolean => budget.told < maxPerHour

/** What a decision cost. */
export function spend(budget: Budget, outcome: AlertOutcome): Budget {
  if (outcome === 'new') return { ...budget, told: budget.told + 1 }
  return outcome === 'held' ? { ...budget, held: budget.held + 1 } : budget
}

/** The budget of this hour after a restart, from the stored alerts that began in it. */
export function budgetOf(alerts: readonly AlertRecord[], nowMs: EpochMs): Budget {
  const hourMs = hourOf(nowMs)
  const begun = alerts.filter(
    ({ createdMs, seriesKey }) => createdMs >= hourMs && seriesKey !== BUDGET_SERIES,
  )
  const told = begun.filter((alert) => stateOf(alert)?.told !== undefined).length
  return { hourMs, told, held: begun.length - told }
}

/**
 * One line for the endpoint on what was held back in an hour; the same id while the count grows.
 * @returns undefined where nothing was
 */
export function budgetSummary(
  budget: Budget,
  host: HostFacts,
  nowMs: EpochMs,
): AlertRecord | undefined {
  if (budget.held === 0) return undefined
  const id = alertId(`${BUDGET_SERIES}\n${host.id ?? host.name}`, budget.hourMs)
  const document = JSON.stringify({
    '@timestamp': isoTime(nowMs),
    ecs: { version: ECS_VERSION },
    event: {
      kind: 'event',
      category: ['intrusion_detection'],
      type: ['info'],
      module: 'tidewatch',
      dataset: 'tidewatch.budget',
      id,
      start: isoTime(budget.hourMs),
      end: isoTime(nowMs),
    },
    message: `${budget.held} new alerts waited for the hourly budget, ${budget.told} were sent; agent alerts lists all.`,
    host: { ...(host.id !== undefined && { id: clip(host.id, 64) }), name: clip(host.name, 64) },
    tidewatch: { budget: { told: budget.told, held: budget.held } },
  })
  return {
    id,
    seriesKey: BUDGET_SERIES,
    createdMs: budget.hourMs,
    updatedMs: nowMs,
    document,
    send: true,
  }
}

/**
 * Keeps the collectors running: takes their batches, restarts one that lost its source, with backoff,
 * and tells the span in which it saw nothing. Each collector's state is what `agent status` prints.
 */
import type { Batch, Bookmark, Clock, Collector } from '../platform/collector.ts'
import { AgentError, codeOf, messageOf } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'
import type { CollectorStatus } from './control/status.ts'

/** First wait after a source was lost, ms; doubled each time up to the longest. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 5 * 60_000
/** A source that has not failed for so long runs, though it has had nothing to tell. */
const QUIET_START_MS = 3_000
/** A collector that ran this long was well: its next loss begins with the first wait again. */
const WELL_AFTER_MS = 60_000

export interface SupervisorOptions {
  readonly collectors: readonly Collector[]
  readonly clock: Clock
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1: spreads the restarts. */
  readonly random: () => number
  readonly bookmark: (dataset: string) => string | undefined
  readonly onBatch: (dataset: string, batch: Batch) => void
  /** A state that a person should know of has changed. */
  readonly onChange: (status: CollectorStatus) => void
}

export interface Supervisor {
  /** Runs all collectors until `signal` aborts. A bug in one ends all: it rejects. */
  run(signal: AbortSignal): Promise<void>
  statuses(): readonly CollectorStatus[]
}

interface Life {
  readonly collector: Collector
  state: 'starting' | 'running' | 'lost'
  startedMs: EpochMs
  reason: string | undefined
  restarts: number
  /** Last told as this: a change is told once. */
  told: string
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, onBatch } = options
  const lives = options.collectors.map<Life>((collector) => {
    return {
      collector,
      state: 'starting',
      startedMs: clock.now(),
      reason: undefined,
      restarts: 0,
      told: '',
    }
  })

  function tell(life: Life): void {
    const status = statusOf(life)
    const told = `${status.state} ${status.reason ?? ''}`
    if (told === life.told) return
    life.told = told
    options.onChange(status)
  }

  async function keep(life: Life, signal: AbortSignal): Promise<void> {
    const { collector } = life
    const bookmark: Bookmark = { load: () => options.bookmark(collector.dataset) }
    let waitMs = FIRST_WAIT_MS
    /** When it last saw anything; `undefined` until it ever did. */
    let seenMs: EpochMs | undefined
    while (!signal.aborted) {
      const startedMs = clock.now()
      life.startedMs = startedMs
      try {
        for await (const batch of collector.batches(signal, bookmark)) {
          if (life.state === 'lost' && seenMs !== undefined) {
            onBatch(collector.dataset, blindness(collector, seenMs, clock.now()))
          }
          life.state = 'running'
          life.reason = undefined
          seenMs = clock.now()
          onBatch(collector.dataset, batch)
          tell(life)
        }
        if (signal.aborted) return
        life.reason = 'its source ended'
      } catch (error) {
        // A fault of the environment has a code; all else is a bug, and must not be hidden.
        if (codeOf(error) === undefined) throw error
        life.reason = reasonOf(error)
      }
      life.state = 'lost'
      life.restarts++
      tell(life)
      if (clock.now() - startedMs > WELL_AFTER_MS) waitMs = FIRST_WAIT_MS
      await options.sleep(waitMs * (0.5 + options.random()), signal)
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    }
  }

  return {
    async run(signal) {
      await Promise.all(lives.map((life) => keep(life, signal)))
    },
    statuses() {
      for (const life of lives) {
        const isQuiet = life.state === 'starting' && clock.now() - life.startedMs > QUIET_START_MS
        if (isQuiet) life.state = 'running'
        tell(life)
      }
      return lives.map(statusOf)
    },
  }
}

function statusOf({ collector, state, reason, restarts }: Life): CollectorStatus {
  const { dataset, description, counters } = collector
  const degraded = state === 'running' ? collector.degraded?.() : undefined
  const why = degraded ?? reason
  return {
    dataset,
    description,
    state: degraded === undefined ? state : 'degraded',
    ...(why !== undefined && { reason: why }),
    counters: { ...counters },
    restarts,
  }
}

/** The source is back: what happened meanwhile is unknown. */
function blindness({ dataset, seesConnections }: Collector, fromMs: EpochMs, atMs: EpochMs): Batch {
  const span = seesConnections ? { fromMs } : {}
  return { events: [{ kind: 'loss', atMs, dataset, reason: 'unavailable', ...span }] }
}

function reasonOf(error: unknown): string {
  const remedy = error instanceof AgentError ? error.remedy : undefined
  return remedy === undefined ? messageOf(error) : `${messageOf(error)}; ${remedy}`
}

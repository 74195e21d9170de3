/**
 * Keeps the collectors running: takes their batches, restarts one that lost its source or hangs, with
 * backoff, and tells the span in which it saw nothing. Each one's state is what `agent status` prints.
 *
 * A hang is a look at the source that does not end (`looks.ts`), or a start that comes to nothing. One
 * that listens (a child's output, a socket) is never held to be hung for being quiet: its child's end,
 * its socket's end, and its own bounds prove what can be proved.
 */
import type { Batch, Clock, Collector } from '../platform/collector.ts'
import { AgentError, codeOf, messageOf, SourceError } from '../platform/errors.ts'
import type { EpochMs } from '../platform/event.ts'
import { type CollectorRun, startRun } from './collector-run.ts'
import type { CollectorStatus } from './control/status.ts'
import type { Looks } from './looks.ts'

/** First wait after a source was lost, ms; doubled each time up to the longest. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 5 * 60_000
/** A source that has not failed for so long runs, though it has had nothing to tell. */
const QUIET_START_MS = 3_000
/** A collector that ran this long was well: its next loss begins with the first wait again. */
const WELL_AFTER_MS = 60_000
/**
 * What stands still in the system (a file of a server that is gone) holds one of the four threads that
 * all of the agent's files share. As many may be held; then who hangs waits for one to come back.
 */
const MAX_STUCK = 2
/** When the agent ends, a run that does not is waited for so long, ms. */
const PARTING_MS = 2_000

export interface SupervisorOptions {
  readonly collectors: readonly Collector[]
  readonly clock: Clock
  /** Of the clock that the collectors were handed. */
  readonly looks: Pick<Looks, 'follow'>
  /** How long one look may take, ms. */
  readonly maxLookMs: () => number
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1: spreads the restarts. */
  readonly random: () => number
  readonly bookmark: (dataset: string) => string | undefined
  /** Never called with a batch that has neither events nor a bookmark. */
  readonly onBatch: (dataset: string, batch: Batch) => void
  /** A state that a person should know of has changed. */
  readonly onChange: (status: CollectorStatus) => void
}

export interface Supervisor {
  /** Runs all collectors until `signal` aborts. A bug in one ends all: it rejects. */
  run(signal: AbortSignal): Promise<void>
  /**
   * Time goes on: gives up who hangs. Called from a tick that there is anyhow, so that no timer of its
   * own wakes the host.
   */
  check(monotonicMs: number): void
  statuses(): readonly CollectorStatus[]
  /** How long the oldest of what waits in a collector has waited, ms. */
  behindMs(): number
}

interface Life {
  readonly collector: Collector
  state: 'starting' | 'running' | 'lost'
  run: CollectorRun | undefined
  startedMs: EpochMs
  /** When it last saw anything, or saw that there was nothing; `undefined` until it ever did. */
  seenMs: EpochMs | undefined
  reason: string | undefined
  restarts: number
  /** Runs that were given up and have not come back. */
  stuck: number
  /** Last told as this: a change is told once. */
  told: string
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, onBatch } = options
  const lives = options.collectors.map<Life>((collector) => {
    return {
      ...{ collector, state: 'starting', startedMs: clock.now(), restarts: 0, stuck: 0, told: '' },
      ...{ run: undefined, seenMs: undefined, reason: undefined },
    }
  })
  let checkedMs: number | undefined

  function tell(life: Life): void {
    const status = statusOf(life)
    const told = `${status.state} ${status.reason ?? ''}`
    if (told === life.told) return
    life.told = told
    options.onChange(status)
  }

  /** It sees: what it missed while it was away is told, once. */
  function well(life: Life): void {
    const { collector, seenMs, state } = life
    if (state === 'lost' && seenMs !== undefined) {
      onBatch(collector.dataset, blindness(collector, seenMs, clock.now()))
    }
    life.state = 'running'
    life.reason = undefined
    life.seenMs = clock.now()
    if (state !== 'running') tell(life)
  }

  function take(life: Life, batch: Batch): void {
    if (batch.events.length === 0 && batch.bookmark === undefined) return
    well(life)
    onBatch(life.collector.dataset, batch)
    tell(life)
  }

  /** One run. @returns why it is lost; `undefined` where it ended with the agent */
  async function runOnce(life: Life, signal: AbortSignal): Promise<string | undefined> {
    const { collector } = life
    const run = startRun(collector, signal, {
      looks: options.looks,
      bookmark: { load: () => options.bookmark(collector.dataset) },
      onLook: () => well(life),
      onStuck: (by) => {
        life.stuck += by
      },
    })
    life.run = run
    try {
      for (let batch = await run.next(); batch !== undefined; batch = await run.next()) {
        take(life, batch)
      }
      return signal.aborted ? undefined : 'its source ended'
    } catch (error) {
      // A fault of the environment has a code; all else is a bug, and must not be hidden.
      if (codeOf(error) === undefined) throw error
      return reasonOf(error)
    } finally {
      life.run = undefined
    }
  }

  const isHeldBack = (life: Life): boolean =>
    life.stuck > 0 && lives.reduce((sum, { stuck }) => sum + stuck, 0) >= MAX_STUCK

  async function keep(life: Life, signal: AbortSignal): Promise<void> {
    let waitMs = FIRST_WAIT_MS
    while (!signal.aborted) {
      const startedMs = clock.now()
      life.startedMs = startedMs
      const reason = await runOnce(life, signal)
      if (reason === undefined) return
      life.reason = reason
      life.state = 'lost'
      life.restarts++
      tell(life)
      if (clock.now() - startedMs > WELL_AFTER_MS) waitMs = FIRST_WAIT_MS
      do {
        await options.sleep(waitMs * (0.5 + options.random()), signal)
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
      } while (isHeldBack(life) && !signal.aborted)
    }
  }

  /** The agent ends, and does not wait for who hangs. */
  async function part(signal: AbortSignal): Promise<void> {
    await options.sleep(PARTING_MS, signal)
    for (const { run } of lives) run?.giveUp(new SourceError('it did not end with the agent'))
  }

  return {
    async run(signal) {
      const over = new AbortController()
      signal.addEventListener('abort', () => void part(over.signal), { once: true })
      try {
        await Promise.all(lives.map((life) => keep(life, signal)))
      } finally {
        over.abort()
      }
    },
    check(monotonicMs) {
      // Whatever stopped time for all (a host that slept, a busy event loop) is no one's hang.
      const elapsedMs = Math.min(monotonicMs - (checkedMs ?? monotonicMs), MAX_STEP_MS)
      checkedMs = monotonicMs
      const maxLookMs = options.maxLookMs()
      for (const life of lives) {
        const busyMs = life.run?.pass(elapsedMs) ?? 0
        if (busyMs > maxLookMs) life.run?.giveUp(hang(maxLookMs))
        const isListening = life.run?.isListening && life.state !== 'running'
        if (isListening && clock.now() - life.startedMs > QUIET_START_MS) well(life)
      }
    },
    behindMs: () => Math.max(0, ...lives.map((life) => life.collector.behindMs?.() ?? 0)),
    statuses() {
      for (const life of lives) tell(life)
      return lives.map(statusOf)
    },
  }
}

/** As much of the time between two checks counts, ms. */
const MAX_STEP_MS = 5_000

const hang = (ms: number): SourceError =>
  new SourceError(`no answer from its source in ${Math.round(ms / 1_000)} s`, {
    remedy: 'see whether a disk, a mounted folder or a service that it reads hangs',
  })

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

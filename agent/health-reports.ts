/**
 * When the agent's health is told: soon after the start, and then at its interval. Both with chance in
 * them, so that a fleet that was started or rolled out at once does not report at once.
 */

export interface HealthReportOptions {
  readonly intervalMs: number
  /** Returns after `ms`, or as soon as `signal` aborts. Never throws. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1. */
  readonly random: () => number
  readonly report: () => void
}

/** The first report comes within this: an agent that was rolled out is to be seen soon. */
const FIRST_MS = 60_000
/** Of the interval, to both sides. */
const JITTER_RATIO = 0.1

export async function reportHealth(
  { intervalMs, sleep, random, report }: HealthReportOptions,
  signal: AbortSignal,
): Promise<void> {
  await sleep(Math.min(FIRST_MS, intervalMs) * random(), signal)
  while (!signal.aborted) {
    report()
    await sleep(intervalMs * (1 + JITTER_RATIO * (2 * random() - 1)), signal)
  }
}

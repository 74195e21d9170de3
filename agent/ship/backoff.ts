/** How long to wait before the next attempt: exponential with full jitter, so that a fleet spreads. */

export interface BackoffOptions {
  /** The longest wait after the first failure. */
  readonly minMs: number
  /** The longest wait ever. */
  readonly maxMs: number
}

/** Past this many doublings every wait is the longest, and 2 to that power is still a number. */
const MAX_DOUBLINGS = 30

/**
 * @param failures in a row, at least 1
 * @param random 0 to 1
 * @returns a wait between half of `minMs`, so that a lucky draw is no storm, and the bound
 */
export function backoffMs(
  failures: number,
  { minMs, maxMs }: BackoffOptions,
  random: number,
): number {
  const boundMs = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, MAX_DOUBLINGS))
  const floorMs = Math.min(minMs, maxMs) / 2
  return floorMs + random * (boundMs - floorMs)
}

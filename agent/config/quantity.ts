/**
 * Durations and sizes as people write them in the configuration: `5s`, `1h30m`, `256MiB`. Pure.
 *
 * Units are always written: a bare number is refused, because half of its readers would take it for
 * seconds and the other half for milliseconds. Sizes are binary only; `MB` means two things.
 */

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** Whole numbers with a unit each, e.g. `90s`, `1h30m`. */
export const DURATION = /^(?:\d{1,9}(?:ms|s|m|h|d|w))+$/

/** A whole number with a unit. */
export const SIZE = /^\d{1,9}(?:B|KiB|MiB|GiB)$/

/** In milliseconds; `undefined` where it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let ms = 0
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)) {
    ms += Number(count) * (DURATION_UNITS[unit] ?? 0)
  }
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** In bytes; `undefined` where it is no size. */
export function parseSize(text: string): number | undefined {
  if (!SIZE.test(text)) return undefined
  const count = Number.parseInt(text, 10)
  return count * (SIZE_UNITS[text.slice(String(text.match(/^\d+/)).length)] ?? 0)
}

/** Seeded chance for the benchmark: the same seed gives the same series on every machine. */
export interface Random {
  /** [0, 1) */
  unit(): number
  between(low: number, high: number): number
  /** Whole, both ends included. */
  whole(low: number, high: number): number
  /** Equal chance for each factor. */
  logBetween(low: number, high: number): number
  exponential(mean: number): number
  normal(): number
  chance(p: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
}

/** Mulberry32: 32 bits of state are plenty for a series. */
export function random(seed: number): Random {
  let state = seed >>> 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + (high - low) * unit()
  return {
    unit,
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    logBetween: (low, high) => low * (high / low) ** unit(),
    exponential: (mean) => -mean * Math.log(1 - unit()),
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    chance: (p) => unit() < p,
    pick: (from) => from[Math.floor(unit() * from.length)] ?? from[0],
  }
}

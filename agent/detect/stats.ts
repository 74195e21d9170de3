/**
 * The few statistics that every test of the detector stands on. All are bounds or closed forms: no
 * tables, no sampling, no randomness. Surprise is measured in nats (-ln p), which add up where
 * independent tests agree and from which the logarithm of the number of tries is taken off.
 */

/** Linear interpolation between order statistics; `sorted` ascending and not empty. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const rank = q * (sorted.length - 1)
  const low = sorted[Math.floor(rank)] as number
  const high = sorted[Math.ceil(rank)] as number
  return low + (high - low) * (rank - Math.floor(rank))
}

/**
 * How surprising `hits` of `trials` are where each has chance `chance`, in nats: the Chernoff bound,
 * trials * KL(hits/trials || chance), which never claims more than the exact binomial tail.
 * 0 where there are no more hits than expected.
 */
export function surpriseNats(hits: number, trials: number, chance: number): number {
  if (trials <= 0 || chance <= 0) return 0
  const share = Math.min(hits / trials, 1)
  if (share <= chance || chance >= 1) return 0
  const miss = 1 - share
  const gain = share * Math.log(share / chance)
  return trials * (miss > 0 ? gain + miss * Math.log(miss / (1 - chance)) : gain)
}

/** The p-value that a surprise in nats stands for. */
export const pValueOf = (nats: number): number => Math.min(1, Math.exp(-Math.max(0, nats)))

export const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value

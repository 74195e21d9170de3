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
  Math.min(Math.max(value, low), high)

/**
 * How surprising it is that most of `sorted` lie as close together as they do, were they uniform on
 * a span: for each number k of points from all down to two thirds, the union bound over the choices
 * of k points of the chance that their range is this small, C(n, k) * k * r^(k-1).
 */
export function clusterNats(sorted: Float64Array, spanMs: number): number {
  const n = sorted.length
  const least = Math.max(3, Math.ceil((2 / 3) * n))
  let best = 0
  let choices = 0
  for (let k = n; k >= least; k--) {
    let range = spanMs
    for (let i = 0; i + k <= n; i++) {
      range = Math.min(range, (sorted[i + k - 1] as number) - (sorted[i] as number))
    }
    // A second is the resolution of many sources: no tighter than that counts.
    const r = Math.max(1000, range) / spanMs
    const nats = -(k - 1) * Math.log(r) - Math.log(k) - choices - Math.log(n - least + 1)
    if (nats > best) best = nats
    choices += Math.log(k / (n - k + 1))
  }
  return best
}

/** How good scores are: area under the curve, found at a false share, calibration. */

/** Chance that a recurring series scores above an irregular one; ties count half. */
export function areaUnder(recurring: readonly number[], irregular: readonly number[]): number {
  const sorted = [...irregular].sort((a, b) => a - b)
  const below = (value: number, orEqual: boolean): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = sorted[middle] as number
      if (other < value || (orEqual && other === value)) low = middle + 1
      else high = middle
    }
    return low
  }
  const wins = recurring.map((value) => (below(value, false) + below(value, true)) / 2)
  return wins.reduce((sum, win) => sum + win, 0) / recurring.length / sorted.length
}

/** The score that at most this share of the irregular series exceed. */
export function thresholdAt(irregular: readonly number[], falseShare: number): number {
  const sorted = [...irregular].sort((a, b) => b - a)
  return sorted[Math.floor(falseShare * sorted.length)] ?? 1
}

/** Share strictly above a score. */
export const shareAbove = (scores: readonly number[], threshold: number): number =>
  scores.filter((score) => score > threshold).length / scores.length

/** Expected calibration error over ten bins of the score. */
export function calibrationError(
  recurring: readonly number[],
  irregular: readonly number[],
): number {
  const all = [
    ...recurring.map((score) => [score, 1]),
    ...irregular.map((score) => [score, 0]),
  ] as [number, number][]
  let error = 0
  for (let bin = 0; bin < 10; bin++) {
    const inside = all.filter(([score]) => Math.min(9, Math.floor(score * 10)) === bin)
    if (inside.length === 0) continue
    const mean = inside.reduce((sum, [score]) => sum + score, 0) / inside.length
    const truth = inside.reduce((sum, [, label]) => sum + label, 0) / inside.length
    error += (Math.abs(mean - truth) * inside.length) / all.length
  }
  return error
}

/**
 * What the runs of a series carried, as figures that risk is judged by. Pure.
 *
 * Runs whose bytes nobody counted are left out and not taken for empty ones.
 */
import type { Observation } from '../../storage/series.ts'
import type { Volume } from './risk-types.ts'

/** Two halves of three runs each are the fewest whose medians are worth comparing. */
const MIN_TREND_RUNS = 6

/** @returns undefined where no run's sent bytes are known */
export function volumeOf(observations: readonly Observation[]): Volume | undefined {
  const sent = observations.flatMap(({ sentBytes }) => (sentBytes === undefined ? [] : [sentBytes]))
  if (sent.length === 0) return undefined
  const received = observations.flatMap(({ receivedBytes }) =>
    receivedBytes === undefined ? [] : [receivedBytes],
  )
  // The share is of runs that know both sides, so that a side left uncounted is no side left empty.
  const both = observations.filter(
    (run) => run.sentBytes !== undefined && run.receivedBytes !== undefined,
  )
  const sentOfBoth = sum(both.map((run) => run.sentBytes ?? 0))
  const totalOfBoth = sentOfBoth + sum(both.map((run) => run.receivedBytes ?? 0))
  const older = median(sent.slice(0, Math.floor(sent.length / 2)))
  const newer = median(sent.slice(Math.ceil(sent.length / 2)))
  return {
    runs: sent.length,
    sentBytesMedian: median(sent),
    sentBytesMax: sent.reduce((most, bytes) => Math.max(most, bytes), 0),
    sentBytesTotal: sum(sent),
    ...(received.length > 0 && { receivedBytesMedian: median(received) }),
    ...(totalOfBoth > 0 && { sentShare: sentOfBoth / totalOfBoth }),
    ...(sent.length >= MIN_TREND_RUNS && older > 0 && { trendRatio: newer / older }),
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** 0 for none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? 0
  return (low + (sorted[Math.floor(middle)] ?? low)) / 2
}

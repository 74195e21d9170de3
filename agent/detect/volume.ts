/**
 * What the bytes say: how much a run sends, how steadily, whether it grows, and which way the bytes
 * go. Evidence for risk (exfiltration) and never for the rhythm. Where no source could count the
 * bytes nothing is said: unknown is not zero.
 */
import type { Observation } from '../../storage/series.ts'
import { quantile } from './stats.ts'

/** Quartiles of fewer counts mean nothing. */
const MIN_COUNTED = 4

export interface Volume {
  /** Runs whose sent bytes were counted. */
  readonly counted: number
  readonly totalSentBytes: number
  readonly medianSentBytes: number
  /** Median absolute deviation over the median, 0 is always the same size; 0 where nothing is sent. */
  readonly dispersion: number
  /** Growth of the bytes a run from the older half to the newer one: 0 is steady, 1 is twice as much. */
  readonly trend: number
  /** Sent of all bytes, 0 to 1; `undefined` where received bytes were not counted. */
  readonly sentShare?: number
}

/** @returns `undefined` where too few runs were counted to tell */
export function volume(observations: readonly Observation[]): Volume | undefined {
  const sent: number[] = []
  let both = 0
  let sentOfBoth = 0
  for (const { sentBytes, receivedBytes } of observations) {
    if (sentBytes === undefined || !Number.isFinite(sentBytes) || sentBytes < 0) continue
    sent.push(sentBytes)
    if (receivedBytes === undefined || !Number.isFinite(receivedBytes) || receivedBytes < 0)
      continue
    both += sentBytes + receivedBytes
    sentOfBoth += sentBytes
  }
  if (sent.length < MIN_COUNTED) return undefined
  const sorted = Float64Array.from(sent).sort()
  const medianSentBytes = quantile(sorted, 0.5)
  const deviations = sorted.map((bytes) => Math.abs(bytes - medianSentBytes)).sort()
  const older = medianOf(sent.slice(0, sent.length >> 1))
  const newer = medianOf(sent.slice(sent.length >> 1))
  return {
    counted: sent.length,
    totalSentBytes: sent.reduce((sum, bytes) => sum + bytes, 0),
    medianSentBytes,
    dispersion: medianSentBytes > 0 ? quantile(deviations, 0.5) / medianSentBytes : 0,
    trend: older > 0 ? newer / older - 1 : 0,
    ...(both > 0 && { sentShare: sentOfBoth / both }),
  }
}

const medianOf = (values: readonly number[]): number =>
  quantile(Float64Array.from(values).sort(), 0.5)

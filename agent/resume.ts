/** Goes on where the last agent was: what it did not see is a gap, and what it may not have judged is due. */
import type { Collector } from '../platform/collector.ts'
import type { EpochMs } from '../platform/event.ts'
import type { Store } from '../storage/store.ts'
import { lastAlive } from './life-notes.ts'
import type { Pipeline } from './pipeline.ts'
import { absence } from './vigil.ts'

/** Series that are assessed anew at start: an agent that was killed may owe them an assessment. */
const RESUMED_SERIES = 1_000

/** A source that kept what the agent missed fills the span. */
export function resume(
  pipeline: Pick<Pipeline, 'take' | 'resume'>,
  store: Pick<Store, 'note' | 'bookmark' | 'seriesKeys'>,
  collectors: readonly Pick<Collector, 'dataset' | 'fillsAbsence'>[],
  nowMs: EpochMs,
): void {
  const aliveMs = lastAlive(store)
  const isFilled = collectors.some(
    ({ fillsAbsence, dataset }) => fillsAbsence && store.bookmark(dataset) !== undefined,
  )
  const gap = isFilled ? undefined : absence(aliveMs, nowMs)
  if (gap !== undefined) pipeline.take(gap.dataset, { events: [gap] })
  for (const seriesKey of store.seriesKeys().slice(0, RESUMED_SERIES)) pipeline.resume(seriesKey)
}

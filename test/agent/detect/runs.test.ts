import t from 'tap'
import {
  blindMs,
  blindSpans,
  burstScaleMs,
  instants,
  joinRuns,
  spacingsOf,
} from '../../../agent/detect/runs.ts'
import { observed, sleeping } from '../../support/series.ts'

t.test('instants are ascending, finite and each once', async (t) => {
  t.strictSame(
    [...instants(observed([5, 3, 3, Number.NaN, 9, Number.POSITIVE_INFINITY]))],
    [3, 5, 9],
  )
  t.strictSame([...instants([])], [])
})

t.test('connections of a run are joined at a scale of their own', async (t) => {
  const times = sleeping(30, 600_000, 0.1).flatMap((at) => [at, at + 300, at + 900, at + 2500])
  const series = Float64Array.from(times)
  const scale = burstScaleMs(spacingsOf(series).sort())
  t.ok(scale >= 1600 && scale < 60_000, `${scale} ms`)
  t.equal(joinRuns(series, scale).length, 30)
})

t.test('a steady beat has no bursts, and a few pauses do not make one', async (t) => {
  const beats = sleeping(100, 60_000, 0.2)
  t.equal(burstScaleMs(spacingsOf(Float64Array.from(beats)).sort()), 0)
  const paused = beats.map((at, i) => at + (i > 30 ? 40_000_000 : 0) + (i > 60 ? 50_000_000 : 0))
  t.equal(burstScaleMs(spacingsOf(Float64Array.from(paused)).sort()), 0)
})

t.test('blind spans are merged, and measured', async (t) => {
  const gap = (fromMs: number, toMs: number) => ({ fromMs, toMs, reason: 'restart' })
  const spans = blindSpans(
    [gap(50, 70), gap(10, 20), gap(15, 30), gap(900, 950), gap(5, 5)],
    0,
    100,
  )
  t.strictSame([...spans], [10, 30, 50, 70])
  t.equal(blindMs(spans, 0, 100), 40)
  t.equal(blindMs(spans, 60, 65), 5)
})

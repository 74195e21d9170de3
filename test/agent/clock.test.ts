import t from 'tap'
import { systemClock } from '../../agent/clock.ts'

const clock = systemClock()

t.test('ticks at once, then on its grid, until aborted', async (t) => {
  const abort = new AbortController()
  const times: number[] = []
  for await (const atMs of clock.ticks(5, abort.signal)) {
    times.push(atMs)
    if (times.length === 5) abort.abort()
  }
  t.equal(times.length, 5)
  t.ok((times.at(-1) ?? 0) - (times[0] ?? 0) >= 13, 'the first at once, then three intervals apart')
})

t.test('a slow consumer misses beats and gets no burst', async (t) => {
  const abort = new AbortController()
  const beats: number[] = []
  for await (const _ of clock.ticks(20, abort.signal)) {
    // A beat comes at its place of the grid or later, never before.
    const nowMs = performance.now()
    beats.push(Math.floor(nowMs / 20))
    if (beats.length === 1) while (performance.now() - nowMs < 50);
    if (beats.length === 3) abort.abort()
  }
  t.equal(new Set(beats).size, 3, `${beats} are apart`)
  t.ok((beats[1] ?? 0) - (beats[0] ?? 0) >= 2, 'the beats that were slept through are left out')
})

t.test('an aborted signal ends a long sleep and never throws', async (t) => {
  const abort = new AbortController()
  const startMs = performance.now()
  const sleeping = clock.sleep(2 ** 40, abort.signal)
  setImmediate(() => abort.abort())
  await sleeping
  await clock.sleep(10_000, abort.signal)
  for await (const _ of clock.ticks(1, abort.signal)) t.fail('no tick after an abort')
  t.ok(performance.now() - startMs < 5_000)
})

t.test('tells the time of the host', async (t) => {
  t.ok(Math.abs(clock.now() - Date.now()) < 1_000)
})

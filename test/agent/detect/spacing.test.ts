import t from 'tap'
import { spacingsOf } from '../../../agent/detect/runs.ts'
import { spacingRhythm } from '../../../agent/detect/spacing.ts'
import { scattered, sleeping } from '../../support/series.ts'

const sorted = (times: readonly number[]) => spacingsOf(Float64Array.from(times)).sort()

for (const jitter of [0, 0.05, 0.2, 0.5]) {
  t.test(`finds a period of 5 min with ${jitter * 100} % jitter`, async (t) => {
    const found = spacingRhythm(sorted(sleeping(200, 300_000, jitter)))
    t.ok(Math.abs((found?.periodMs ?? 0) / 300_000 - 1) < 0.1, `${found?.periodMs} ms`)
    t.ok(Math.abs((found?.jitter ?? 9) - jitter) < 0.1, `jitter ${found?.jitter}`)
    t.ok((found?.nats ?? 0) > 30, `${found?.nats} nats`)
  })
}

t.test('a third of the beats missed does not hide it', async (t) => {
  const kept = sleeping(90, 60_000, 0.1).filter((_, i) => i % 3 !== 1 || i % 2 === 0)
  t.ok((spacingRhythm(sorted(kept))?.nats ?? 0) > 20)
})

t.test('chance is no surprise, nor is nothing', async (t) => {
  t.ok((spacingRhythm(sorted(scattered(400, 60_000)))?.nats ?? 0) < 3)
  t.equal(spacingRhythm(Float64Array.of(5)), undefined)
})

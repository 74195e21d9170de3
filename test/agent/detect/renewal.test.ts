import t from 'tap'
import { renewalNats } from '../../../agent/detect/renewal.ts'
import { spacingsOf } from '../../../agent/detect/runs.ts'
import { random } from '../../bench/families/random.ts'
import { scattered, sleeping } from '../../support/series.ts'

const sorted = (times: readonly number[]) => spacingsOf(Float64Array.from(times)).sort()

t.test('half of jitter and a third of missed beats still look like a beacon', async (t) => {
  const chance = random(5)
  const kept = sleeping(120, 60_000, 0.5).filter(() => !chance.chance(0.3))
  t.ok(renewalNats(sorted(kept)) > 4)
})

t.test('chance, people and heavy tails do not', async (t) => {
  const chance = random(7)
  const draw = (next: () => number) => Float64Array.from({ length: 300 }, next).sort()
  t.ok(renewalNats(sorted(scattered(300, 60_000))) < 0, 'Poisson')
  t.ok(renewalNats(draw(() => 60_000 * Math.exp(chance.normal()))) < 0, 'log-normal')
  t.ok(renewalNats(draw(() => 5000 * (1 - chance.unit()) ** (-1 / 1.2))) < 0, 'Pareto')
})

t.test('too few spacings say nothing', async (t) => {
  t.equal(renewalNats(Float64Array.of(1, 2, 3)), 0)
})

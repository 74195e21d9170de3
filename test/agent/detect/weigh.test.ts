import t from 'tap'
import type { Rhythm } from '../../../agent/detect/rhythm.ts'
import {
  capOf,
  FEATURES,
  featuresOf,
  kindOf,
  scoreOf,
  WEIGHTS,
  weightOf,
} from '../../../agent/detect/weigh.ts'

const claim: Rhythm = {
  model: 'sleep',
  periodMs: 60_000,
  form: 'every minute',
  jitter: 0.02,
  beats: 50,
  coverage: 1,
  missedRatio: 0,
  share: 1,
  nats: 100,
  renewalNats: 0,
  explains: new Uint8Array(50),
  next: { atMs: 0, toleranceMs: 0 },
}

t.test('claims are weighed by their kind', async (t) => {
  t.equal(kindOf(claim), 'steady')
  t.equal(kindOf({ ...claim, jitter: 0.4 }), 'jittered')
  t.equal(kindOf({ ...claim, model: 'calendar' }), 'calendar')
  for (const weights of Object.values(WEIGHTS)) t.equal(weights.length, FEATURES.length)
  t.equal(featuresOf(claim).length, FEATURES.length)
})

t.test('nothing that speaks for a claim is ever weighed against it', async (t) => {
  for (const [kind, [, ...slopes]] of Object.entries(WEIGHTS)) {
    t.ok(
      slopes.every((slope) => slope >= 0),
      kind,
    )
  }
})

t.test('no claim is believed beyond its p-value', async (t) => {
  const weak = { ...claim, nats: 2 }
  t.ok(weightOf(weak) <= capOf(weak))
  t.ok(weightOf(weak) < 0)
  t.ok(weightOf(claim) > 3)
})

t.test('any claim that holds is enough', async (t) => {
  t.equal(scoreOf([]), 0)
  t.ok(scoreOf([-9, 6]) > 0.99)
  t.ok(scoreOf([-9, -9]) < 0.001)
})

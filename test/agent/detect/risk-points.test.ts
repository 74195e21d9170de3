import t from 'tap'
import { POINTS } from '../../../agent/detect/risk-points.ts'

t.test(
  'recurrence is the gate and weighs least; only a local destination speaks against',
  async (t) => {
    const { local_destination, volume_grows, recurrence, ...others } = POINTS
    t.ok(local_destination < 0)
    t.ok(volume_grows <= recurrence)
    t.ok(Object.values(others).every((points) => points >= recurrence))
  },
)

t.test('no factor alone is an alert', async (t) => {
  t.ok(Object.values(POINTS).every((points) => points < 40))
})
